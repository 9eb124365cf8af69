using PciBus.Agent.Broker;
using PciBus.Contracts.Connection;

namespace PciBus.Agent.Registration;

/// <summary>Makes the settings of an agent out of what was given; collects what is wrong, so that all is told at once.</summary>
internal sealed class AgentPropertiesReader
{
    private readonly ConfigurationBuilder _sources = new();
    private readonly List<string> _problems;
    private readonly string _path;
    private readonly PropertiesFile _file;
    private readonly string? _hypervisorType;
    private IConfiguration _configuration;

    /// <param name="path">Of the file.</param>
    /// <param name="overrides">Values that win over the file's.</param>
    /// <param name="hypervisorType">Of a file that does not say, and the only one for a file that does; null: it must say.</param>
    public AgentPropertiesReader(string path, PropertiesFile file, IReadOnlyDictionary<string, string>? overrides, string? hypervisorType)
    {
        (_path, _file, _hypervisorType) = (path, file, hypervisorType);
        _problems = [.. file.Problems.Select(problem => $"line {problem.Number} {problem.What}")];
        _configuration = With(new PropertiesProvider(file, path));
        Add(overrides ?? new Dictionary<string, string>());
        if (hypervisorType is not null) AddMissing(new Dictionary<string, string> { [AgentProperties.HypervisorTypeKey] = hypervisorType });
        if (ValueOf(AgentProperties.BusAddressKey) is not null) return;
        var dataFolder = FullPath(ValueOf(AgentProperties.DataFolderKey) ?? new AgentProperties().DataFolder);
        AddMissing(BusCredentials.Read(dataFolder, _problems));
    }

    /// <exception cref="AgentPropertiesException">A line cannot be read, or a value is missing or not allowed.</exception>
    public AgentProperties Read()
    {
        var read = OptionProperty.Fill<AgentProperties>(TextOf, option => Refuse(option.Name, option.Allowed, option.About.IsSecret));
        if (_hypervisorType is { } only && read.HypervisorType != only && read.HypervisorType.Length > 0)
        {
            Refuse(AgentProperties.HypervisorTypeKey, only);
        }

        var tls = ReadTls(read);
        return _problems.Count > 0 ? throw new AgentPropertiesException(_path, _problems) : read with
        {
            Name = read.Name.Length > 0 ? read.Name : read.Guid,
            DataFolder = FullPath(read.DataFolder),
            Libvirt = read.Libvirt with
            {
                TemplateFolder = FullPath(read.Libvirt.TemplateFolder),
                ConsoleFolder = read.Libvirt.ConsoleFolder is { } console ? FullPath(console) : null,
                DiskFolder = read.Libvirt.DiskFolder is { } disks ? FullPath(disks) : null,
            },
            Connector = read.Bus is { } bus ? new BrokerConnector(bus with { Tls = tls }, read.Guid, read.BusHeartbeat) : null,
            UnknownKeys = AgentKeys.Unknown(_path, _file),
        };
    }

    private IConfiguration With(PropertiesProvider source) => _sources.Add(source).Build();

    private void Add(IEnumerable<KeyValuePair<string, string>> values) =>
        _configuration = With(new PropertiesProvider(values.Select(one => (one.Key, one.Value, "given"))));

    /// <summary>Adds what has no value yet.</summary>
    private void AddMissing(IEnumerable<KeyValuePair<string, string>> values) => Add(values.Where(one => ValueOf(one.Key) is null));

    /// <summary>Null when the key is absent or empty.</summary>
    private string? ValueOf(string key) => _configuration[key] is { Length: > 0 } value ? value : null;

    private string? TextOf(OptionProperty option)
    {
        var text = ValueOf(option.Name);
        var missing = text is null ? ((AgentKeyAttribute)option.About).Missing : null;
        if (missing is not null) _problems.Add($"{option.Name} is missing; {missing}");
        return text;
    }

    private void Refuse(string key, string allowed, bool isSecret = false) =>
        _problems.Add($"{(isSecret ? $"{key} is not allowed as it is" : $"{key}={ValueOf(key)} is not allowed")}; allowed is {allowed}");

    private TlsSettings ReadTls(AgentProperties read)
    {
        var known = _problems.Count;
        var authorities = PemFile(AgentProperties.BusAuthoritiesKey, read.BusAuthorities);
        var certificate = PemFile(AgentProperties.BusCertificateKey, read.BusCertificate);
        var key = PemFile(AgentProperties.BusKeyKey, read.BusKey);
        try
        {
            if (_problems.Count == known) return TlsSettings.Read(authorities, certificate, key);
        }
        catch (IOException exception)
        {
            _problems.Add(exception.Message);
        }

        return TlsSettings.OfTheMachine;
    }

    private string? PemFile(string key, string? given)
    {
        if (given is null) return null;
        var path = FullPath(given);
        if (!File.Exists(path)) Refuse(key, TlsSettings.FileForm);
        return path;
    }

    /// <summary>Relative ones are meant from the folder of agent.properties.</summary>
    private string FullPath(string path) => Path.GetFullPath(Path.Combine(_path, "..", path));
}
