package parity

import (
	"cmp"
	"maps"
	"slices"
)

// Causes of a difference between a list of records and a platform's counts, by the numbers
// that all causes of differences have; the others between 1 and 10 are causes of records.
const (
	Shared      = 0 // the platform should count it
	Windowing   = 7
	Late        = 9 // the platform should count it, when it has arrived
	Undelivered = 10
	Phantom     = 11
	Unexplained = 12
)

// Sent counts records of one kind in millionths: when they happened, when the last touch
// before them was, and the cause for which the platform should not count them; the cause is
// Shared or Late for those that it should. Those that happened after the last reported day
// are Outside: a platform that counts on the day of the touch may have them.
type Sent struct {
	Day       int64
	TouchDay  int64 // equal to Day without a touch
	Cause     int64
	Micros    int64
	IsOutside bool
}

// Unit is one record in millionths, as platforms count in parts.
const Unit = 1_000_000

// Share is what one cause adds to the difference on one day, in millionths: First of the
// records, Second of what the platform counts.
type Share struct{ Day, Cause, First, Second int64 }

// Claim explains the counts that a platform reports by day with the records that it may
// count. The platform names no record, so each cause is sized by counting again with its
// rule relaxed, in the order of the causes: of what a platform reports beyond what it should,
// as much goes to a cause as that cause has records on that day. With the rule of the day
// relaxed a record may stand on the day of its touch too; one that is Outside stands there
// or nowhere, only whole, and not where the other records show that the platform does not
// count by touches. What is left over is Phantom; what
// the platform lacks is Late as far as records may be on their way, else Unexplained, or
// Undelivered where unsent says that none was sent to it.
//
// Shared has as much in First as in Second. The First of all shares sum to the records of
// that day, of outside days to those that were found, and the Second to what is reported on it. moved is how much of the difference is
// explained by the day of the touch. Shares come in the order of day and cause, none of them
// empty.
func Claim(sent []Sent, reported map[int64]int64, unsent bool) (shares []Share, moved int64) {
	type place struct{ day, cause int64 }
	first, second := map[place]int64{}, map[place]int64{}
	own := map[place]int64{}
	should, late, days := map[int64]int64{}, map[int64]int64{}, map[int64]bool{}
	between, outside := map[[2]int64]int64{}, map[[2]int64]int64{}
	for _, s := range sent {
		if s.IsOutside {
			if s.Cause == Shared || s.Cause == Late {
				outside[[2]int64{s.Day, s.TouchDay}] += s.Micros
			}
			continue
		}
		days[s.Day] = true
		if s.Cause != Shared && s.Cause != Late {
			own[place{s.Day, s.Cause}] += s.Micros
			continue
		}
		should[s.Day] += s.Micros
		if s.Cause == Late {
			late[s.Day] += s.Micros
		}
		if s.TouchDay != s.Day {
			between[[2]int64{s.Day, s.TouchDay}] += s.Micros
		}
	}
	for day := range reported {
		days[day] = true
	}
	short, over := map[int64]int64{}, map[int64]int64{}
	for day := range days {
		both := min(should[day], reported[day])
		short[day], over[day] = should[day]-both, reported[day]-both
		first[place{day, Shared}], second[place{day, Shared}] = both, both
	}
	for cause := int64(1); cause <= Undelivered; cause++ {
		for day := range days {
			of := place{day, cause}
			taken := min(own[of], over[day])
			first[of] += own[of]
			second[of] += taken
			over[day] -= taken
		}
		if cause == Windowing {
			moved = move(short, over, between, func(from, to, n int64) {
				first[place{from, Windowing}] += n
				second[place{to, Windowing}] += n
			})
			if len(between) > 0 && moved == 0 { // it counts by the day of the conversion
				outside = nil
			}
			for _, way := range sortedWays(outside) {
				n := min(outside[way], over[way[1]])
				n -= n % Unit
				first[place{way[0], Windowing}] += n
				second[place{way[1], Windowing}] += n
				over[way[1]] -= n
				moved += n
			}
		}
	}
	lacks := int64(Unexplained)
	if unsent {
		lacks = Undelivered
	}
	for day := range days {
		coming := min(late[day], short[day])
		first[place{day, Late}] += coming
		first[place{day, lacks}] += short[day] - coming
		second[place{day, Phantom}] += over[day]
	}
	places := maps.Clone(first)
	maps.Copy(places, second)
	for of := range places {
		if first[of]+second[of] > 0 {
			shares = append(shares, Share{of.day, of.cause, first[of], second[of]})
		}
	}
	slices.SortFunc(shares, func(a, b Share) int { return cmp.Or(cmp.Compare(a.Day, b.Day), cmp.Compare(a.Cause, b.Cause)) })
	return shares, moved
}

func sortedWays(ways map[[2]int64]int64) [][2]int64 {
	return slices.SortedFunc(maps.Keys(ways), func(a, b [2]int64) int { return slices.Compare(a[:], b[:]) })
}

// move brings as much as possible from days that are short to days that have too much, along
// the ways that records may take from their own day to that of their touch. A day in between
// may pass on what it gets, since its own records move too. It changes short and over and
// returns how much was moved (Ford and Fulkerson's augmenting paths, the shortest first, so
// that it is the most that can be).
func move(short, over map[int64]int64, ways map[[2]int64]int64, moved func(from, to, n int64)) (total int64) {
	free := maps.Clone(ways) // what each way still has room for; backwards, what can be taken back
	next := map[int64][]int64{}
	for way := range ways {
		next[way[0]] = append(next[way[0]], way[1])
		next[way[1]] = append(next[way[1]], way[0])
	}
	for day := range next {
		slices.Sort(next[day])
		next[day] = slices.Compact(next[day])
	}
	for _, from := range slices.Sorted(maps.Keys(next)) {
		for short[from] > 0 {
			path := wayTo(from, next, free, over)
			if path == nil {
				break
			}
			to := path[len(path)-1]
			n := min(short[from], over[to])
			for i := range path[1:] {
				n = min(n, free[[2]int64{path[i], path[i+1]}])
			}
			for i := range path[1:] {
				free[[2]int64{path[i], path[i+1]}] -= n
				free[[2]int64{path[i+1], path[i]}] += n
			}
			short[from] -= n
			over[to] -= n
			total += n
			moved(from, to, n)
		}
	}
	return total
}

// wayTo is the shortest way from a day to one that has too much, nil when there is none.
func wayTo(from int64, next map[int64][]int64, free map[[2]int64]int64, over map[int64]int64) []int64 {
	came := map[int64]int64{from: from}
	for queue := []int64{from}; len(queue) > 0; queue = queue[1:] {
		day := queue[0]
		if day != from && over[day] > 0 {
			path := []int64{day}
			for day != from {
				day = came[day]
				path = append(path, day)
			}
			slices.Reverse(path)
			return path
		}
		for _, to := range next[day] {
			if _, been := came[to]; !been && free[[2]int64{day, to}] > 0 {
				came[to] = day
				queue = append(queue, to)
			}
		}
	}
	return nil
}
