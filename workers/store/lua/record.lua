-- Writes down how far a run has come and where it goes from here, in one step.
-- Keeps true: only the holder of the run records; a run that ends leaves `due` in the same step; one
-- that goes on keeps its one entry; the learner is free again; the event's state and the counts follow.
-- ARGV: run, token, steps (JSON), attempt (JSON or ''), move (working | waiting | held | back | finished
-- | dead | skipped | cancelled), delay ms, reason, learner to leave, course, order ('' = nothing was applied), lease ms,
-- destination, learner it was applied for, steps that were given up and gone past, "<account> <action>
-- <outcome>" of a step that is done now or ''. Returns 1, or 0 when the run is no longer this worker's.
local run, token, move = ARGV[1], ARGV[2], ARGV[5]
if not owns(run, token) or not redis.call('ZSCORE', K.due, run) then return 0 end
local key, now = K.run .. run, now_ms()
redis.call('HSET', key, 'steps', ARGV[3], 'reason', ARGV[7], 'takeovers', 0)
-- the same attempt is the last one: this very script ran before, and its answer was lost on the way
if ARGV[4] ~= '' and redis.call('LINDEX', K.attempts .. run, -1) ~= ARGV[4] then
  redis.call('RPUSH', K.attempts .. run, ARGV[4])
  if ARGV[14] ~= '0' then count(redis.call('HGET', key, 'source'), 'failed_steps', ARGV[14]) end
  if ARGV[15] ~= '' then redis.call('HINCRBY', K.outcomes, ARGV[15], 1) end
end
if ARGV[10] ~= '' then redis.call('HSET', K.applied .. ARGV[13], ARGV[9], ARGV[10]) end
leave_learner(ARGV[8], token)

if move == 'working' then
  look_again(run, now + tonumber(ARGV[11]))
  return 1
end
redis.call('HSET', key, 'claim', '', 'ready', move == 'back' and 1 or 0)
if move == 'waiting' or move == 'held' or move == 'back' then
  redis.call('HSET', key, 'state', move == 'back' and 'ready' or 'waiting')
  local wait = tonumber(ARGV[6])
  if move == 'held' then
    redis.call('HSET', key, 'held', ARGV[12])
    redis.call('SADD', K.held .. ARGV[12], run)
    -- the release wakes it anyway: many that are held must not fill the workers by being looked at
    wait = math.max(wait, redis.call('SCARD', K.held .. ARGV[12]) * 20)
  end
  look_again(run, now + wait)
  return 1
end
end_run(run, move, now)
return 1
