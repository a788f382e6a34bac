-- One ticker among all workers.
-- Keeps true: at most one worker holds the office; it stays as long as it renews in time.
-- ARGV: worker, term ms. Returns 1 when this worker is the ticker.
local holder = redis.call('GET', K.ticker)
if holder and holder ~= ARGV[1] then return 0 end
redis.call('SET', K.ticker, ARGV[1], 'PX', ARGV[2])
return 1
