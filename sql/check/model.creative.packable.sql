-- Creatives whose number does not fit the sixteen bits that the packed touch has for it.
-- grain: creative
-- key: creative_id
-- reads: model.creative
-- params: none
SELECT creative_id
FROM model.creative
WHERE creative_id >= 65536
