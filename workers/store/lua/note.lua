-- Keeps a fact a step has learned (such as "the account is being created") before it goes on.
-- Keeps true: only the holder of the run writes notes.
-- ARGV: run, token, field, value. Returns 1, or 0 when the run is no longer this worker's.
if not owns(ARGV[1], ARGV[2]) then return 0 end
redis.call('HSET', K.run .. ARGV[1], ARGV[3], ARGV[4])
return 1
