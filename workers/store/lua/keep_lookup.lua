-- Keeps what a look-up has told a run, so that each later try goes by the same.
-- Keeps true: only the holder of the run writes it.
-- ARGV: run, token, name, value (JSON). Returns 1, or 0 when the run is no longer this worker's.
if not owns(ARGV[1], ARGV[2]) then return 0 end
redis.call('HSET', K.looked .. ARGV[1], ARGV[3], ARGV[4])
return 1
