/**
 * The time by which nodes hold leases, in Lua. Redis has the time of day alone, which can be set, or be another machine's after
 * a failover. So a time of its own is kept beside the leases, which never goes back, and moves on by what has passed since it
 * was last asked for, up to a bound: a clock that is set an hour forward ends no lease, nor does a pause of Redis itself.
 * Milliseconds; it begins with the time of day.
 *
 * `advance(key, most)` moves it on by at most so much, and answers it. `reached(key)` answers how late it would be with no
 * bound, and changes nothing: if no node has asked for long, none lives.
 */
export const NODE_TIME = `
local function wall()
  local time = redis.call('TIME')
  return time[1] * 1000 + math.floor(time[2] / 1000)
end
local function passed(key)
  local day, kept = wall(), redis.call('HMGET', key, 'now', 'wall')
  return day, tonumber(kept[1] or day), math.max(0, day - tonumber(kept[2] or day))
end
local function advance(key, most)
  local day, now, by = passed(key)
  now = now + math.min(by, most)
  redis.call('HSET', key, 'now', string.format('%d', now), 'wall', string.format('%d', day))
  return now
end
local function reached(key)
  local _, now, by = passed(key)
  return now + by
end`

/** The key's name among those of the nodes. */
export const NODE_CLOCK = 'clock'
