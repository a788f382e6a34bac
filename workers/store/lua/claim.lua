-- Hands one piece of unfinished work to one worker.
-- Keeps true: nothing is held by two workers at once; what is claimed stays in `due`, scored with the
-- end of the lease, so that a dead worker's work comes up by itself. Work that waits for a later time
-- cannot be claimed before it. Taking over from a lease that ran out is counted.
-- Of all that is due, `next_due` chooses. A run that was parked counts as parked no longer, and one that
-- was held is no longer among those that a release wakes.
-- ARGV: id ('' = whatever is due), token, lease ms. Returns nil, or {id, field, value, ...}.
local now = now_ms()
local id = ARGV[1]
if id == '' then
  id = next_due(now)
  if not id then return nil end
end
local at = redis.call('ZSCORE', K.due, id)
if not at then return nil end
local key = key_of(id)
local f = redis.call('HMGET', key, 'ready', 'claim', 'parked', 'rule', 'held')
-- the same token: this very script ran before, and its answer was lost on the way
local again = f[2] == ARGV[2]
if tonumber(at) > now and f[1] ~= '1' and not again then return nil end
if f[2] and f[2] ~= '' and not again then redis.call('HINCRBY', key, 'takeovers', 1) end
redis.call('HSET', key, 'claim', ARGV[2], 'ready', 0)
if string.sub(id, 1, 4) ~= 'evt_' then redis.call('HSET', key, 'state', 'working') end
if f[3] == '1' then
  redis.call('HDEL', key, 'parked')
  if redis.call('HINCRBY', K.parked, f[4], -1) <= 0 then redis.call('HDEL', K.parked, f[4]) end
end
if f[5] then
  redis.call('SREM', K.held .. f[5], id)
  redis.call('HDEL', key, 'held')
end
look_again(id, now + tonumber(ARGV[3]))
local answer = redis.call('HGETALL', key)
table.insert(answer, 1, id)
return answer
