-- A worker's sign of life: extends what it holds.
-- Keeps true: only the present holder extends a lease; a worker that lost its work, or the
-- learner it acts for, is told so; one
-- that has been silent for a minute is forgotten, with what it said of the rules.
-- ARGV: worker, lease ms, then id, token, learner ('' = none) per claim. Returns 1 | 0 per claim.
local now = now_ms()
local lease = tonumber(ARGV[2])
redis.call('ZADD', K.workers, string.format('%.0f', now), ARGV[1])
local silent = redis.call('ZRANGEBYSCORE', K.workers, '-inf', string.format('%.0f', now - 60000))
for _, worker in ipairs(silent) do
  redis.call('ZREM', K.workers, worker)
  redis.call('HDEL', K.followers, worker)
end
local answer = {}
for i = 3, #ARGV, 3 do
  local id, token, learner = ARGV[i], ARGV[i + 1], ARGV[i + 2]
  local mine = redis.call('ZSCORE', K.due, id) and owns(id, token)
  if mine then
    if learner ~= '' then
      local holder = redis.call('GET', K.learner .. learner)
      mine = not holder or holder == token
      if mine then redis.call('SET', K.learner .. learner, token, 'PX', lease) end
    end
    if mine then look_again(id, now + lease) end
  end
  answer[#answer + 1] = mine and 1 or 0
end
return answer
