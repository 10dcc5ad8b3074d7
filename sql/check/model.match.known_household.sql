-- Matches to a household that does not exist.
-- grain: conversion
-- key: conversion_id
-- reads: model.match, model.household
-- params: none
SELECT m.conversion_id
FROM model.match AS m
WHERE NOT EXISTS (SELECT 1 FROM model.household AS h WHERE h.household_id = m.household_id)
