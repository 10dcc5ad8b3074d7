(function () {
  'use strict';

  var own = Object.prototype.hasOwnProperty;
  var root = document.documentElement;

  // Every name that comes from outside is text: tooltips are built line by line
  // and each line is encoded.
  function tip(params) {
    var lines = (params.data && params.data.tip) || [];
    return lines.filter(Boolean).map(function (line, i) {
      var text = echarts.format.encodeHTML(String(line));
      return '<div style="max-width:320px;white-space:normal;overflow-wrap:anywhere' +
        (i === 0 ? ';font-weight:600' : '') + '">' + text + '</div>';
    }).join('');
  }

  function cell(params) {
    return params.data && params.data.text ? params.data.text : '';
  }

  // Numbers of an axis look as they do everywhere else on the page.
  function written(value) {
    var parts = String(value).replace('-', '\u2212').split('.');
    parts[0] = parts[0].replace(/\B(?=(\d{3})+$)/g, ',');
    return parts.join('.');
  }

  function tick(value) {
    return written(value);
  }

  function tickPercent(value) {
    return written(value) + '%';
  }

  function yes(value) {
    return value === 1 || value === true;
  }

  // Draws one estimate with its interval: [row, estimate, lo, hi, loUnbounded,
  // hiUnbounded, holdsZero]. An end that is unbounded or beyond the axis is an arrow.
  function interval(params, api) {
    var estimate = api.value(1);
    if (estimate === null || isNaN(estimate)) {
      return null;
    }
    var area = params.coordSys;
    var left = area.x;
    var right = area.x + area.width;
    var at = api.coord([estimate, api.value(0)]);
    var y = at[1];
    var color = api.visual('color');
    var hollow = yes(api.value(6));
    var children = [];

    function line(x1, y1, x2, y2, width) {
      children.push({
        type: 'line',
        shape: { x1: x1, y1: y1, x2: x2, y2: y2 },
        style: { stroke: color, lineWidth: width, lineCap: 'round' }
      });
    }

    function end(bound, unbounded, edge, outward) {
      if (!unbounded && isNaN(bound)) {
        return null;
      }
      var x = unbounded ? edge : api.coord([bound, api.value(0)])[0];
      if (unbounded || (x - edge) * outward > 0.5) {
        children.push({
          type: 'polygon',
          shape: { points: [[edge, y], [edge - 10 * outward, y - 6], [edge - 10 * outward, y + 6]] },
          style: { fill: color }
        });
        return edge;
      }
      line(x, y - 6, x, y + 6, 2);
      return x;
    }

    var lo = end(api.value(2), yes(api.value(4)), left, -1);
    var hi = end(api.value(3), yes(api.value(5)), right, 1);
    if (lo !== null && hi !== null) {
      line(lo, y, hi, y, 2.5);
    }
    children.push({
      type: 'circle',
      shape: { cx: Math.min(Math.max(at[0], left), right), cy: y, r: 6 },
      style: hollow
        ? { fill: token('--surface'), stroke: color, lineWidth: 2.5 }
        : { fill: color, stroke: token('--surface'), lineWidth: 2 }
    });
    return { type: 'group', children: children };
  }

  function token(name) {
    return getComputedStyle(root).getPropertyValue(name).trim();
  }

  var functions = { tip: tip, cell: cell, interval: interval, tick: tick, tickPercent: tickPercent };

  // Replaces {"$css": name} by the theme's colour and {"$fn": name} by a
  // function of the table above; every other value is kept as it is.
  function resolve(value) {
    if (Array.isArray(value)) {
      return value.map(resolve);
    }
    if (value === null || typeof value !== 'object') {
      return value;
    }
    if (own.call(value, '$css')) {
      return token(value.$css);
    }
    if (own.call(value, '$fn')) {
      if (value.$fn === 'font') {
        return getComputedStyle(document.body).fontFamily;
      }
      if (!own.call(functions, value.$fn)) {
        throw new Error('unknown chart function');
      }
      return functions[value.$fn];
    }
    var out = {};
    Object.keys(value).forEach(function (key) {
      out[key] = resolve(value[key]);
    });
    return out;
  }

  var options = JSON.parse(document.getElementById('report-data').textContent);
  var live = [];

  Object.keys(options).forEach(function (name) {
    var box = document.getElementById('chart-' + name);
    if (!box) {
      return;
    }
    var figure = box.parentNode;
    figure.classList.add('is-live');
    try {
      var chart = echarts.init(box);
      chart.setOption(resolve(options[name]));
      live.push({ chart: chart, option: options[name] });
    } catch (error) {
      figure.classList.remove('is-live');
      throw error;
    }
    figure.querySelectorAll('details.same-numbers').forEach(function (details) {
      details.open = false;
    });
  });

  function each(action) {
    return function () {
      live.forEach(action);
    };
  }

  window.addEventListener('resize', each(function (item) {
    item.chart.resize();
  }));
  window.matchMedia('(prefers-color-scheme: dark)').addEventListener('change', each(function (item) {
    item.chart.setOption(resolve(item.option), true);
  }));

  // Paper shows everything.
  var opened = [];
  window.addEventListener('beforeprint', function () {
    opened = Array.prototype.filter.call(document.querySelectorAll('details'), function (details) {
      return !details.open;
    });
    opened.forEach(function (details) {
      details.open = true;
    });
  });
  window.addEventListener('afterprint', function () {
    opened.forEach(function (details) {
      details.open = false;
    });
  });

  // Sortable tables: a button in each head cell that has data-sort.
  document.querySelectorAll('table.sortable').forEach(function (table) {
    var body = table.tBodies[0];
    Array.prototype.forEach.call(table.tHead.rows[0].cells, function (head, column) {
      if (!head.hasAttribute('data-sort')) {
        return;
      }
      var button = document.createElement('button');
      button.type = 'button';
      while (head.firstChild) {
        button.appendChild(head.firstChild);
      }
      head.appendChild(button);
      button.addEventListener('click', function () {
        var down = head.getAttribute('aria-sort') !== 'descending';
        Array.prototype.forEach.call(table.tHead.rows[0].cells, function (other) {
          other.removeAttribute('aria-sort');
        });
        head.setAttribute('aria-sort', down ? 'descending' : 'ascending');
        var numeric = head.getAttribute('data-sort') === 'number';
        var key = function (line) {
          var text = line.cells[column].getAttribute('data-value') || '';
          return numeric ? (text === '' ? -Infinity : Number(text)) : text;
        };
        Array.prototype.slice.call(body.rows).sort(function (a, b) {
          var x = key(a);
          var y = key(b);
          var order = x < y ? -1 : x > y ? 1 : 0;
          return down ? -order : order;
        }).forEach(function (line) {
          body.appendChild(line);
        });
      });
    });
  });
})();
