-- Campaigns that the study measures; empty when it measures all of the workspace.
-- grain: campaign
-- key: campaign
-- reads: none
-- params: none
SELECT
    CAST(NULL AS VARCHAR) AS campaign
WHERE FALSE
