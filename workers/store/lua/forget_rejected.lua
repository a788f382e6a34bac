-- Takes a refused delivery out, once it was taken in after all.
-- Keeps true: an entry and its place in the ring go together.
-- ARGV: id. Returns 1, or 0 when it is not there any more.
local f = redis.call('HMGET', K.rejected .. ARGV[1], 'source', 'cause', 'member')
if not f[1] then return 0 end
redis.call('ZREM', K.rejected_ring .. f[2] .. ':' .. f[1], f[3])
redis.call('DEL', K.rejected .. ARGV[1])
return 1
