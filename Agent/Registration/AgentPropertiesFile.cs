using PciBus.Contracts.Connection;

namespace PciBus.Agent.Registration;

/// <summary>
/// One agent.properties on disk. Its <c>pci.devices</c> is followed while the agent runs: a change counts once the file has
/// stayed the same for <see cref="Unchanged"/>, so that a file being written is not read half.
/// </summary>
internal sealed class AgentPropertiesFile
{
    /// <summary>How long the file must have stayed the same before a change in it counts.</summary>
    public static readonly TimeSpan Unchanged = TimeSpan.FromSeconds(1);

    private readonly TimeProvider _timeProvider;
    private byte[]? _seen;
    private byte[]? _applied;
    private long _seenSince;
    private volatile PciDeviceList _devices;

    private AgentPropertiesFile(string path, byte[] bytes, AgentProperties properties, TimeProvider timeProvider)
    {
        (Path, Properties, _timeProvider) = (path, properties, timeProvider);
        (_seen, _applied) = (bytes, bytes);
        _devices = Follow(bytes, new PciDeviceList(null, [], []));
    }

    /// <summary>Raised after <see cref="Devices"/> was read anew.</summary>
    public event Action? Changed;

    public string Path { get; }

    /// <summary>The settings at start.</summary>
    public AgentProperties Properties { get; }

    /// <summary>The devices by the newest good state of the file.</summary>
    public PciDeviceList Devices => _devices;

    /// <summary>Reads the file for the first time.</summary>
    /// <param name="path">The file.</param>
    /// <param name="timeProvider">Measures how long the file stays the same.</param>
    /// <param name="overrides">Keys whose values replace those of the file at start.</param>
    /// <param name="hypervisorType"><c>hypervisor.type</c> of a file that does not say; null: it must say.</param>
    /// <exception cref="AgentPropertiesException">The file cannot be read, or a value is not allowed.</exception>
    public static AgentPropertiesFile Open(
        string path, TimeProvider timeProvider, IReadOnlyDictionary<string, string>? overrides = null, string? hypervisorType = null)
    {
        var bytes = TryRead(path) ?? throw new AgentPropertiesException(path, ["the file cannot be read"]);
        var properties = AgentProperties.Read(path, PropertiesFile.Read(bytes), overrides, hypervisorType);
        return new AgentPropertiesFile(path, bytes, properties, timeProvider);
    }

    /// <summary>Follows the file until cancelled.</summary>
    public async Task WatchAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            await Task.Delay(Properties.PollInterval, _timeProvider, cancellationToken);
            Look();
        }
    }

    private void Look()
    {
        var bytes = TryRead(Path);
        if (!IsSame(bytes, _seen))
        {
            (_seen, _seenSince) = (bytes, _timeProvider.GetTimestamp());
            return;
        }

        if (IsSame(bytes, _applied) || _timeProvider.GetElapsedTime(_seenSince) < Unchanged) return;
        _applied = bytes;
        _devices = Follow(bytes, _devices);
        Changed?.Invoke();
    }

    private PciDeviceList Follow(byte[]? bytes, PciDeviceList last)
    {
        if (bytes is null) return last with { Warnings = [$"{Path} cannot be read"] };
        var file = PropertiesFile.Read(bytes);
        // Nobody can say which lines such a file was meant to have.
        if (file.Problems.Count > 0)
        {
            return last with { Warnings = [.. file.Problems.Select(problem => $"line {problem.Number} of {Path} {problem.What}")] };
        }
        string[] warnings = [.. file.Repeated.Select(key => $"{Path} has {key.Key} in line {key.First} and again in line {key.Second}")];
        // Which of two lists is meant nobody can say either; of any other key the last counts.
        if (file.Repeated.Any(key => key is { Key: AgentProperties.PciDevicesKey, IsSame: false }))
        {
            return last with { Warnings = warnings };
        }
        if (file.Values.TryGetValue(AgentProperties.PciDevicesKey, out var value))
        {
            return PciDevicesParser.Parse(value) with { Warnings = warnings };
        }

        var trouble = file.Lines.Count == 0 ? "is empty" : $"has no key {AgentProperties.PciDevicesKey}";
        return last with { Warnings = [.. warnings, $"{Path} {trouble}"] };
    }

    private static bool IsSame(byte[]? one, byte[]? other) =>
        one is null || other is null ? one == other : one.AsSpan().SequenceEqual(other);

    private static byte[]? TryRead(string path)
    {
        try
        {
            return File.ReadAllBytes(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}

/// <summary>agent.properties cannot be used; the message names every key, its value and what is allowed.</summary>
internal sealed class AgentPropertiesException : Exception
{
    public AgentPropertiesException(string path, IReadOnlyList<string> problems)
        : base($"{path}: {string.Join("; ", problems)}") => Problems = problems;

    /// <summary>One sentence for each bad value.</summary>
    public IReadOnlyList<string> Problems { get; }
}
