-- Tells which rules a worker has, and gives it the live ones where those are others.
-- Keeps true: pointer and text are read in one step; what a worker says of itself is what it had when
-- it asked.
-- ARGV: worker ('' = a person looks), document it has ('' = none), what it says of itself (JSON).
-- Returns nil, or {text, field, value, ...} of what is live.
if ARGV[1] ~= '' and redis.call('HGET', K.followers, ARGV[1]) ~= ARGV[3] then
  redis.call('HSET', K.followers, ARGV[1], ARGV[3])
end
local document = redis.call('HGET', K.live_rules, 'document')
if not document or document == ARGV[2] then return nil end
local text = redis.call('GET', K.snapshot .. document)
if not text then return nil end
local answer = redis.call('HGETALL', K.live_rules)
table.insert(answer, 1, text)
return answer
