using PciBus.Agent.Registration;
using PciBus.Contracts.Connection;
using Xunit;

namespace PciBus.Tests.Agent.Registration;

/// <summary>The table of keys says what the agent does with them.</summary>
public sealed class AgentKeysTests
{
    private const string Nonsense = "?!";

    /// <summary>Keys that take any text, or whose reader says more.</summary>
    private static readonly HashSet<string> Free =
    [
        "guid", "name", "machine.id", "zone", "pod", "cluster", "private.ip.address", "host.tags", AgentProperties.PciDevicesKey,
        AgentProperties.DataFolderKey, "libvirt.uri", "libvirt.migration.uri", "libvirt.template.folder", "libvirt.console.folder", LibvirtProperties.DiskFolderKey,
    ];

    public static IEnumerable<TheoryDataRow<string>> Names => AgentKeys.All.Select(key => new TheoryDataRow<string>(key.Name));

    [Theory]
    [MemberData(nameof(Names))]
    public void Allowed_IsWhatTheAgentSays(string name)
    {
        var problems = Record.Exception(() => Read($"{name}={Nonsense}")) is AgentPropertiesException refusal ? refusal.Problems : [];

        if (Free.Contains(name)) Assert.Empty(problems);
        else Assert.EndsWith($"allowed is {AgentKeys.All.Single(key => key.Name == name).Allowed}", Assert.Single(problems), StringComparison.Ordinal);
    }

    [Fact]
    public void Defaults_AreThoseOfTheAgent()
    {
        var given = string.Join('\n', AgentKeys.All.Where(key => key.Default.Length > 0).Select(key => $"{key.Name}={key.Default}"));

        Assert.Equivalent(Read("bus.address=amqp://broker"), Read($"bus.address=amqp://broker\n{given}"), strict: true);
    }

    [Fact]
    public void UnknownKeys_AreToldWithTheNearest()
    {
        var properties = AgentProperties.Read("/etc/agent.properties", PropertiesFile.Parse("guid=a\n# zoned=z\nworker=5\npci.device = 28:00.1|10GE\nvalueless\nhypervisor.type=simulated"));

        Assert.Equal(
            [
                "/etc/agent.properties:3: \"worker\" is no key of agent.properties and is ignored; the nearest is workers",
                "/etc/agent.properties:4: \"pci.device\" is no key of agent.properties and is ignored; the nearest is pci.devices",
            ],
            properties.UnknownKeys);
    }

    /// <summary>What is required stands before and, where nonsense is as good as anything, behind.</summary>
    private static AgentProperties Read(string lines) => AgentProperties.Read("/etc/agent.properties", PropertiesFile.Parse($"hypervisor.type=simulated\n{lines}\nguid=a"));
}
