-- Who is believed about a conversion, by surface.
-- grain: surface
-- key: surface_no
-- reads: none
-- params: none
-- not null: is_proof, is_identifying
--
-- value_rank, time_rank: 1 is believed first, NULL never. is_proof: a record of the surface tells that the conversion
-- exists. is_identifying: its identifiers are the conversion's.
SELECT
    CAST(NULL AS BIGINT) AS surface_no,
    CAST(NULL AS BIGINT) AS value_rank,
    CAST(NULL AS BIGINT) AS time_rank,
    CAST(NULL AS BIGINT) AS is_proof,
    CAST(NULL AS BIGINT) AS is_identifying
WHERE FALSE
