-- A call that passed the gate has left the machine.
-- Keeps true: its token is taken for a whole window after the latest time at which it can have
-- arrived; told again, from the later time. Its place in flight is kept for as long as an answer may
-- take.
-- ARGV: destination, call id, window and slack ms, lease ms. Returns 1, or 0 for a call that is over.
if not redis.call('ZSCORE', FLYING, ARGV[2]) then return 0 end
local now = now_ms()
redis.call('ZADD', FLYING, stamp_of(now + tonumber(ARGV[4])), ARGV[2])
-- one more ms, since the clock's are cut off
redis.call('ZADD', TOKENS, stamp_of(now + tonumber(ARGV[3]) + 1), ARGV[2])
if is_next(ARGV[2]) then wake_first() end
return 1
