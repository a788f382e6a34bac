-- Puts a destination on hold.
-- Keeps true: a hold stays as it was set until it is released; only the circuit's, which a probe would
-- release, gives way to one that waits for a person. The history tells of each once.
-- ARGV: destination, the hold (JSON). Returns 1, or 0 where it was on hold already.
local text = redis.call('HGET', K.holds, ARGV[1])
-- the same text: this very script ran before, and its answer was lost on the way
if text and text ~= ARGV[2] then
  local read, found = pcall(cjson.decode, text)
  if not (read and found.probe_at) then return 0 end
end
if text ~= ARGV[2] then
  local read, told = pcall(cjson.decode, ARGV[2])
  tell_of_hold('hold', ARGV[1], read and told.by or '', read and told.reason or '')
end
redis.call('HSET', K.holds, ARGV[1], ARGV[2])
return 1
