-- Records of loaded files that were taken out again, or never let in, on a person's or the calendar's behalf.
-- grain: file, table, reason and the attempt or erasure that did it
-- key: file_id, table_name, reason, removed_by
-- reads: none
-- params: none
-- not null: records
--
-- reason: erasure or retention, for rows that were stored before, or suppression, for records of erased persons, which
-- are in quarantine. What is stored of a file and what was removed of it add up to its line in ops.load. last_us is the
-- newest own time of the rows that retention deleted.
SELECT
    CAST(NULL AS BIGINT) AS file_id,
    CAST(NULL AS VARCHAR) AS table_name,
    CAST(NULL AS VARCHAR) AS reason,
    CAST(NULL AS VARCHAR) AS removed_by,
    CAST(NULL AS BIGINT) AS records,
    CAST(NULL AS BIGINT) AS last_us
WHERE FALSE
