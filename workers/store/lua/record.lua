-- Writes down how far a run has come and where it goes from here, in one step.
-- Keeps true: only the holder of the run records; a run that ends leaves `due` in the same step; one
-- that goes on keeps its one entry; the learner is free again; the event's state and the counts follow.
-- ARGV: run, token, steps (JSON), attempt (JSON or ''), move (working | waiting | held | back | finished
-- | dead), delay ms, reason, learner to leave, course, order ('' = nothing was applied), lease ms,
-- destination, learner it was applied for. Returns 1, or 0 when the run is no longer this worker's.
local run, token, move = ARGV[1], ARGV[2], ARGV[5]
if not owns(run, token) or not redis.call('ZSCORE', K.due, run) then return 0 end
local key, now = K.run .. run, now_ms()
local stamp = string.format('%.0f', now)
redis.call('HSET', key, 'steps', ARGV[3], 'reason', ARGV[7], 'takeovers', 0)
if ARGV[4] ~= '' then redis.call('RPUSH', K.attempts .. run, ARGV[4]) end
if ARGV[10] ~= '' then redis.call('HSET', K.applied .. ARGV[13], ARGV[9], ARGV[10]) end
leave_learner(ARGV[8], token)

if move == 'working' then
  look_again(run, now + tonumber(ARGV[11]))
  return 1
end
redis.call('HSET', key, 'claim', '', 'ready', move == 'back' and 1 or 0)
if move == 'waiting' or move == 'held' or move == 'back' then
  redis.call('HSET', key, 'state', move == 'back' and 'ready' or 'waiting')
  look_again(run, now + tonumber(ARGV[6]))
  if move == 'held' then redis.call('SADD', K.held .. ARGV[12], run) end
  return 1
end
local event = redis.call('HGET', key, 'event')
redis.call('ZREM', K.due, run)
redis.call('HSET', key, 'state', move, 'finished_at', stamp)
redis.call('HINCRBY', K.event .. event, 'open', -1)
if move == 'dead' then
  redis.call('ZADD', K.dead, stamp, run)
  redis.call('HINCRBY', K.event .. event, 'dead', 1)
end
settle(event)
return 1
