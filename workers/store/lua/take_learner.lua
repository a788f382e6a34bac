-- Makes a run the only one that acts for a person.
-- Keeps true: two runs for the same learner never act at once; the one that must wait stands in line
-- (by when its event happened) and keeps its entry in `due`.
-- ARGV: run, token, learner, lease ms, occurred ms. Returns "taken", "busy" or "lost".
local run, token, learner, lease = ARGV[1], ARGV[2], ARGV[3], tonumber(ARGV[4])
if not owns(run, token) then return 'lost' end
local key = K.learner .. learner
local holder = redis.call('GET', key)
if not holder or holder == token then
  redis.call('SET', key, token, 'PX', lease)
  redis.call('ZREM', K.line .. learner, run)
  -- both leases end together, so that whoever takes over finds neither
  look_again(run, now_ms() + lease)
  return 'taken'
end
redis.call('ZADD', K.line .. learner, ARGV[5], run)
redis.call('PEXPIRE', K.line .. learner, 86400000)
redis.call('HSET', K.run .. run, 'claim', '', 'ready', 0, 'state', 'waiting',
  'reason', 'another run for the same learner is at work')
local left = redis.call('PTTL', key)
look_again(run, now_ms() + (left > 0 and left or lease))
return 'busy'
