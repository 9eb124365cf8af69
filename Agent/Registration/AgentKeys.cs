using PciBus.Contracts.Connection;

namespace PciBus.Agent.Registration;

/// <summary>The keys of agent.properties: any other is ignored, with a warning.</summary>
internal static class AgentKeys
{
    private const string Duration = "a time of at most a day in milliseconds, or with one of ms, s, m, e.g. 500ms";

    public static IReadOnlyList<AgentKey> All { get; } =
    [
        new("guid", "", "a text", "the host's stable identity; required"),
        new("name", "", "a text", "the host's name; without one, the guid"),
        new("machine.id", "", "a text", "identity of the machine, which outlives the host's installation; without one, the machine's own: a simulated host keeps it in its data folder"),
        new("zone", "default", "a text", "its zone, by name"),
        new("pod", "default", "a text", "its pod, by name"),
        new("cluster", "default", "a text", "its cluster, by name"),
        new("private.ip.address", "", "a text", "the host's own address"),
        new("host.tags", "", "texts, separated by commas", "its tags"),
        new(AgentProperties.PciDevicesKey, "", "[domain:]bus:slot.function|name, separated by commas", "the devices that may be handed out; required, and followed while the agent runs"),
        new(AgentProperties.BusAddressKey, "", BusAddress.Form, "the broker; without it, what Agent join has written into the data folder. An agent that is a process of its own needs one of them"),
        new("bus.heartbeat", "10s", Duration, "how often the connection to the broker shows that it lives"),
        new(AgentProperties.BusAuthoritiesKey, "", "a PEM file", "the authorities of the broker's certificate; without it, what Agent join has written, or those of the machine"),
        new(AgentProperties.BusCertificateKey, "", "a PEM file", "the host's own certificate, for a broker that asks for one"),
        new(AgentProperties.BusKeyKey, "", "a PEM file", "its key; without it, it is in the certificate's file"),
        new("workers", "5", "a whole number from 1 to 1000", "VM commands carried out at once, each for another VM"),
        new("graceful.stops", "20", "a whole number from 1 to 10000", "graceful shutdowns waited for at once, beside the workers"),
        new("migrations", "2", "a whole number from 1 to 1000", "live migrations away from this host at once, beside the workers"),
        new("stop.wait", "60s", Duration, "how long a guest may take to shut down when the command does not say"),
        new("detach.wait", "30s", Duration, "how long a guest may take to let go of its devices when the command does not say"),
        new("migration.wait", "60m", Duration, "after how long a live migration is aborted when the command does not say"),
        new("settle.time", "10s", Duration, "how long the hypervisor must show nothing of a VM whose command a crash of the agent interrupted, before the agent says that it is off"),
        new(AgentProperties.DataFolderKey, "/var/lib/pcibus/agent", "a folder", "journal, lock and simulated domains; relative ones are meant from the folder of agent.properties"),
        new("agent.journal.sync", "", "true or false", "whether the journal reaches the disk before the hypervisor is touched; without a value true, but false for a simulated host"),
        new("agent.properties.poll", "200ms", Duration, "how often agent.properties is looked at"),
        new(AgentProperties.HypervisorTypeKey, "", AgentProperties.AllowedHypervisors, "what runs the VMs; required"),
        new("simulator.control.port", "", "a whole number from 1 to 65535", "TCP port of the simulator's control on 127.0.0.1; without one there is no control"),
        new("simulator.cpus", "16", "a whole number from 1 to 4096", "logical processors of a simulated host"),
        new("simulator.speed", "2400", "a whole number from 1 to 100000", "MHz of one of them"),
        new("simulator.memory", "64GiB", "a whole number of bytes above 0, or with one of KiB, MiB, GiB", "its RAM"),
        new("simulator.start.time", "500ms", Duration, "how long the start of a domain takes"),
        new("simulator.stop.time", "500ms", Duration, "how long a domain takes to end, asked or destroyed"),
        new("simulator.hotplug.time", "500ms", Duration, "how long a guest takes to let go of a device or to take one"),
        new("simulator.migration.time", "2s", Duration, "how long a live migration takes"),
        new("simulator.deaf.devices", "", "[domain:]bus:slot.function, separated by commas", "devices that no guest ever lets go of while it runs"),
    ];

    public static bool Has(string name) => All.Any(key => key.Name == name);

    /// <summary>One sentence for each line whose key there is not.</summary>
    /// <param name="path">The file, for the sentences.</param>
    /// <param name="file">What stands in it.</param>
    public static IReadOnlyList<string> Unknown(string path, PropertiesFile file) =>
    [
        .. from line in file.Lines
           where line.Value is not null && !Has(line.Key)
           let nearest = PropertyName.Nearest(line.Key, All.Select(key => key.Name))
           select $"{path}:{line.Number}: \"{PropertyName.Shown(line.Key)}\" is no key of agent.properties and is ignored; the nearest is {nearest}",
    ];
}

/// <summary>A key of agent.properties.</summary>
/// <param name="Default">Its value when there is none; empty when that is nothing, or follows from others.</param>
/// <param name="Allowed">What follows on "allowed is", with the unit.</param>
/// <param name="Description">A phrase without a full stop.</param>
internal sealed record AgentKey(string Name, string Default, string Allowed, string Description);
