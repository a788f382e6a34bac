-- Lets a run begin that has looked up what it needs.
-- Keeps true: only the holder prepares a run, once; what `once_per` and `limit` say counts from here,
-- and what is parked gives up its claim but not its one entry in `due`.
-- ARGV: run, token, steps (JSON), what `admit` is asked (JSON), lease ms. Returns {"lost" | "go" |
-- "skipped" | "parked", rules whose owner is to be told of their limit}.
local run, token = ARGV[1], ARGV[2]
if not owns(run, token) or not redis.call('ZSCORE', K.due, run) then return {'lost', {}} end
local asked = cjson.decode(ARGV[4])
local key, now, told = K.run .. run, now_ms(), {}
redis.call('HSET', key, 'steps', ARGV[3], 'prepare', '0', 'takeovers', 0)
local rule = redis.call('HGET', key, 'rule')
local what, at, why = admit(run, rule, asked, now, told)
if what == 'skipped' then
  redis.call('HSET', key, 'reason', why)
  end_run(run, 'skipped', now)
elseif what == 'parked' then
  set_aside(run, rule, at, why)
else
  look_again(run, now + tonumber(ARGV[5]))
end
return {what, told}
