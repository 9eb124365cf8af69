using PciBus.Contracts;

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
    private string? _seen;
    private string? _applied;
    private long _seenSince;
    private volatile PciDeviceList _devices;

    private AgentPropertiesFile(string path, string text, AgentProperties properties, TimeProvider timeProvider)
    {
        (Path, Properties, _timeProvider) = (path, properties, timeProvider);
        (_seen, _applied) = (text, text);
        _devices = Follow(text, new PciDeviceList(null, [], []));
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
    /// <exception cref="AgentPropertiesException">The file cannot be read, or a value is not allowed.</exception>
    public static AgentPropertiesFile Open(
        string path, TimeProvider timeProvider, IReadOnlyDictionary<string, string>? overrides = null)
    {
        var text = TryRead(path) ?? throw new AgentPropertiesException(path, ["the file cannot be read"]);
        return new AgentPropertiesFile(path, text, AgentProperties.Read(path, text, overrides), timeProvider);
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
        var text = TryRead(Path);
        if (text != _seen)
        {
            (_seen, _seenSince) = (text, _timeProvider.GetTimestamp());
            return;
        }

        if (text == _applied || _timeProvider.GetElapsedTime(_seenSince) < Unchanged) return;
        _applied = text;
        _devices = Follow(text, _devices);
        Changed?.Invoke();
    }

    private PciDeviceList Follow(string? text, PciDeviceList last)
    {
        var trouble = text is null ? "cannot be read" : string.IsNullOrWhiteSpace(text) ? "is empty" : null;
        string? value = null;
        if (trouble is null && !PropertiesText.Read(text!).TryGetValue(AgentProperties.PciDevicesKey, out value))
        {
            trouble = $"has no key {AgentProperties.PciDevicesKey}";
        }

        if (trouble is not null) return last with { Warnings = [$"{Path} {trouble}"] };
        var (good, bad) = PciDevicesParser.Parse(value!);
        return new PciDeviceList(good, bad, []);
    }

    private static string? TryRead(string path)
    {
        try
        {
            return File.ReadAllText(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
