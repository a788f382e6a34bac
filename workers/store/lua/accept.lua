-- Takes the events of one delivery in: all of them or none.
-- Keeps true: an event whose identity was accepted within the window is not taken in again; a new
-- one is counted, indexed and has its one entry in `due`, before the sender hears 202.
-- ARGV: source, grace ms, window ms, short queue length, then id, identity, type, occurred ms, body
-- per event. Returns {rings, id, "1" new | "0" duplicate, ...}: rings = how many to ring for.
local source, grace, window, short = ARGV[1], tonumber(ARGV[2]), ARGV[3], tonumber(ARGV[4])
local now = now_ms()
local room = short - redis.call('LLEN', K.queue)
local answer = {math.max(room, 0)}
for i = 5, #ARGV, 5 do
  local id, identity = ARGV[i], ARGV[i + 1]
  local seen = K.seen .. source .. ':' .. identity
  local known = redis.call('GET', seen)
  -- the same id: this very script ran before, and its answer was lost on the way
  if known == id then
    answer[#answer + 1] = id
    answer[#answer + 1] = '1'
  elseif known then
    if redis.call('EXISTS', K.event .. known) == 1 then
      redis.call('HINCRBY', K.event .. known, 'duplicates', 1)
    end
    count(source, 'duplicates', 1)
    answer[#answer + 1] = known
    answer[#answer + 1] = '0'
  else
    redis.call('SET', seen, id, 'PX', window)
    redis.call('HSET', K.event .. id, 'id', id, 'source', source, 'identity', identity,
      'type', ARGV[i + 2], 'received_at', string.format('%.0f', now), 'occurred_at', ARGV[i + 3],
      'body', ARGV[i + 4], 'sequence', redis.call('INCR', K.sequence), 'state', 'pending', 'duplicates', 0, 'open', 0, 'dead', 0, 'total', 0,
      'ready', 1, 'claim', '', 'takeovers', 0, 'failures', 0)
    redis.call('ZADD', K.events, string.format('%.0f', now), id)
    -- with no room in the queue nobody is rung for: whoever is at work picks it up when due
    look_again(id, room > 0 and now + grace or now)
    room = room - 1
    count(source, 'accepted', 1)
    count(source, 'pending', 1)
    answer[#answer + 1] = id
    answer[#answer + 1] = '1'
  end
end
return answer
