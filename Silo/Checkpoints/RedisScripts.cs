namespace Orleans.FL.Silo.Checkpoints;

/// <summary>
/// What Redis does in one go. KEYS[1] is always the claim; a script of a claimant returns -1 if it is another's.
/// </summary>
internal static class RedisScripts
{
    private const string Fence = "if redis.call('GET', KEYS[1]) ~= ARGV[1] then return -1 end\n";

    // Parts are named by blob and number: prefix .. sha256 .. ':' .. number. All keys of a run have one hash tag.
    private const string LetGo = """
        local function let_go(prefix, name, length, part)
          for i = 0, math.ceil(length / part) - 1 do redis.call('UNLINK', prefix .. name .. ':' .. i) end
        end

        """;

    /// <summary>
    /// KEYS claim, journal, token; ARGV claim, token, frame, lines before it. The token distinguishes a second try from
    /// another line; 0 if there are other lines.
    /// </summary>
    public const string Append = Fence + """
        if redis.call('GET', KEYS[3]) == ARGV[2] then return 1 end
        if redis.call('LLEN', KEYS[2]) ~= tonumber(ARGV[4]) then return 0 end
        redis.call('RPUSH', KEYS[2], ARGV[3])
        redis.call('SET', KEYS[3], ARGV[2])
        return 1
        """;

    /// <summary>KEYS claim, journal, error; ARGV claim, lines to keep, why or nothing.</summary>
    public const string Cut = Fence + """
        if ARGV[2] == '0' then redis.call('DEL', KEYS[2]) else redis.call('LTRIM', KEYS[2], 0, ARGV[2] - 1) end
        if ARGV[3] == '' then redis.call('DEL', KEYS[3]) else redis.call('SET', KEYS[3], ARGV[3]) end
        return 1
        """;

    /// <summary>KEYS claim, commits; ARGV claim, round, manifest.</summary>
    public const string Commit = Fence + """
        redis.call('HSET', KEYS[2], ARGV[2], ARGV[3])
        return 1
        """;

    /// <summary>
    /// KEYS claim, blobs, pending; ARGV name, length, bytes of a part, prefix. Whole parts make a blob; 0 if they are
    /// not.
    /// </summary>
    public const string Finish = """
        if redis.call('EXISTS', KEYS[1]) == 0 then return -1 end
        if redis.call('HEXISTS', KEYS[2], ARGV[1]) == 1 then return 1 end
        local length, part = tonumber(ARGV[2]), tonumber(ARGV[3])
        for i = 0, math.ceil(length / part) - 1 do
          if redis.call('STRLEN', ARGV[4] .. ARGV[1] .. ':' .. i) ~= math.min(part, length - i * part) then return 0 end
        end
        redis.call('HSET', KEYS[2], ARGV[1], ARGV[2])
        redis.call('HDEL', KEYS[3], ARGV[1])
        return 1
        """;

    /// <summary>KEYS claim, blobs; ARGV name, bytes of a part, prefix.</summary>
    public const string Drop = LetGo + """
        local length = redis.call('HGET', KEYS[2], ARGV[1])
        if not length then return 0 end
        redis.call('HDEL', KEYS[2], ARGV[1])
        let_go(ARGV[3], ARGV[1], length, ARGV[2])
        return 1
        """;

    /// <summary>
    /// KEYS claim, blobs, pending, commits; ARGV claim, first round, bytes of a part, prefix, names that are kept.
    /// </summary>
    public const string Prune = Fence + LetGo + """
        local kept = {}
        for i = 5, #ARGV do kept[ARGV[i]] = true end
        for _, round in ipairs(redis.call('HKEYS', KEYS[4])) do
          if tonumber(round) < tonumber(ARGV[2]) then redis.call('HDEL', KEYS[4], round) end
        end
        for k = 2, 3 do
          local all = redis.call('HGETALL', KEYS[k])
          for i = 1, #all, 2 do
            if not kept[all[i]] then
              redis.call('HDEL', KEYS[k], all[i])
              let_go(ARGV[4], all[i], all[i + 1], ARGV[3])
            end
          end
        end
        return 1
        """;
}
