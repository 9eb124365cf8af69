using System.Globalization;
using System.Text.RegularExpressions;
using Newtonsoft.Json.Linq;
using PciBus.Tests.EndToEnd;
using PciBus.Tests.Support;

namespace PciBus.Tests.Lab;

/// <summary>A broker and a management server on this machine, and two <see cref="LabHost"/>s that know nothing but the broker.</summary>
/// <param name="folder">What image/build has made; what they write goes there too.</param>
/// <param name="end">Ends everything.</param>
internal sealed partial class LabScene(string folder, CancellationToken end) : IAsyncDisposable
{
    private static readonly TimeSpan JobTimeout = TimeSpan.FromMinutes(6);
    private static readonly TimeSpan GuestTimeout = TimeSpan.FromMinutes(4);

    private readonly BrokerNode _broker = new();
    private ManagementProcess? _management;
    private string _zone = "";
    private string _template = "";
    private string _offering = "";
    private int _made;

    public LabHost First { get; private set; } = null!;

    public LabHost Second { get; private set; } = null!;

    public ApiClient Api => _management!.Api;

    public async Task<string> StartAsync(CancellationToken cancellationToken)
    {
        if (await BrokerNode.InstallAsync() is { } missing) throw new InvalidOperationException(missing);
        await _broker.StartAsync(cancellationToken);
        var port = new Uri(_broker.Address).Port;
        (First, Second) = (new LabHost(folder, 1, port), new LabHost(folder, 2, port));
        First.PowerOn();
        Second.PowerOn();
        // Reports cost the emulated hosts much of their time.
        _management = new ManagementProcess(Directory.CreateDirectory(Path.Combine(folder, "run/management")).FullName, pingInterval: 10, _broker.Address, apiTimeout: 60);
        await _management.StartAsync(0, cancellationToken);
        await Task.WhenAll(First.WaitUntilUpAsync(cancellationToken), Second.WaitUntilUpAsync(cancellationToken));
        await Task.WhenAll(First.StartAgentAsync("", cancellationToken), Second.StartAgentAsync("", cancellationToken));
        await UntilUpAsync(First, cancellationToken);
        await UntilUpAsync(Second, cancellationToken);
        _zone = (string)(await Api.CallAsync("listZones"))["zone"]![0]!["id"]!;
        _template = (string)(await Api.CallAsync(
            "registerTemplate", ("name", "guest"), ("url", "http://images.example/guest"), ("format", "QCOW2"), ("hypervisor", "KVM")))["template"]![0]!["id"]!;
        _offering = (string)(await Api.CallAsync(
            "createServiceOffering", ("name", "with a card"), ("cpunumber", 1), ("cpuspeed", 100), ("memory", 192), ("pcidevices", "NIC"),
            ("pcimigration", "DetachAttach"), ("pcidetachwait", 30), ("offerha", true)))["serviceoffering"]!["id"]!;
        return "";
    }

    /// <summary>Waits until management has the host Up, with all its cards free.</summary>
    public Task UntilUpAsync(LabHost host, CancellationToken cancellationToken)
    {
        JToken? seen = null;
        return Condition.BecomesTrueAsync(
            async () =>
            {
                seen = (await Api.CallAsync("listHosts", ("name", host.Name)))["host"]?[0];
                if ((string?)seen?["state"] != "Up") return false;
                var devices = (await Api.CallAsync("listPciDevices", ("hostid", (string)seen["id"]!)))["pcidevice"] ?? new JArray();
                seen = devices;
                return devices.Count() == LabHost.Cards.Count && devices.All(device => (string?)device["driver"] == "vfio-pci");
            },
            GuestTimeout,
            () => $"{host.Name} does not come up: {seen}",
            cancellationToken);
    }

    /// <summary>Ends the agent of a host in good order and starts it again.</summary>
    /// <param name="host">The host.</param>
    /// <param name="guests">More for the kernel's command line of its guests.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public async Task RestartAgentAsync(LabHost host, string guests, CancellationToken cancellationToken)
    {
        await host.EndAgentAsync("TERM", cancellationToken);
        await UntilHostAsync(host, "Disconnected", cancellationToken);
        await host.StartAgentAsync(guests, cancellationToken);
        await UntilUpAsync(host, cancellationToken);
    }

    /// <summary>Makes a virtual machine with a card on a host, and waits until its guest drives the card.</summary>
    /// <returns>Its id.</returns>
    public async Task<string> DeployAsync(LabHost host, CancellationToken cancellationToken)
    {
        var hostId = (string)(await Api.CallAsync("listHosts", ("name", host.Name)))["host"]![0]!["id"]!;
        var job = await Api.CallAsync(
            "deployVirtualMachine", ("name", $"vm{++_made}"), ("zoneid", _zone), ("templateid", _template), ("serviceofferingid", _offering), ("hostid", hostId));
        var vm = (string)(await WaitAsync(job, cancellationToken))["virtualmachine"]!["id"]!;
        await LeaseAsync(host, vm, cancellationToken);
        await AgreeAsync(cancellationToken);
        return vm;
    }

    /// <summary>Calls an asynchronous command and waits for its job.</summary>
    /// <exception cref="ApiError">The job failed.</exception>
    public async Task<JObject> RunAsync(string command, params (string Name, object? Value)[] parameters) =>
        await WaitAsync(await Api.CallAsync(command, parameters), end);

    /// <summary>Waits until a migration has come to one of the steps.</summary>
    public Task UntilStepAsync(JObject job, IReadOnlyList<string> steps, CancellationToken cancellationToken)
    {
        JObject? seen = null;
        return Condition.BecomesTrueAsync(
            async () =>
            {
                seen = await Api.CallAsync("queryAsyncJobResult", ("jobid", (string)job["jobid"]!));
                if ((int)seen["jobstatus"]! != 0) throw new InvalidOperationException($"the migration has ended: {seen}");
                return steps.Contains((string?)seen["migration"]?["step"]);
            },
            GuestTimeout,
            () => $"the migration does not come so far: {seen}",
            cancellationToken);
    }

    /// <summary>Waits until nothing is under way with a virtual machine.</summary>
    public Task SettledAsync(string vm, CancellationToken cancellationToken)
    {
        JToken? seen = null;
        return Condition.BecomesTrueAsync(
            async () =>
            {
                seen = (await Api.CallAsync("listVirtualMachines", ("id", vm)))["virtualmachine"]![0]!;
                return (string?)seen["state"] != "Migrating" && seen["migration"] is null && seen["pcidevice"]?.Count() == 1 && (bool?)seen["degraded"] != true;
            },
            JobTimeout,
            () => $"it does not settle: {seen}",
            cancellationToken);
    }

    /// <summary>The cards of a host that a virtual machine owns, by address.</summary>
    public async Task<IReadOnlyList<string>> CardsOfAsync(LabHost host, string vm) =>
    [
        .. ((await Api.CallAsync("listPciDevices", ("virtualmachineid", vm)))["pcidevice"] ?? new JArray())
            .Where(device => (string?)device["hostname"] == host.Name).Select(device => (string)device["address"]!).Order(StringComparer.Ordinal),
    ];

    public Task UntilHostAsync(LabHost host, string state, CancellationToken cancellationToken)
    {
        JToken? seen = null;
        return Condition.BecomesTrueAsync(
            async () => (string?)(seen = (await Api.CallAsync("listHosts", ("name", host.Name)))["host"]![0]!)["state"] == state,
            GuestTimeout,
            () => $"{host.Name} does not become {state}: {seen}",
            cancellationToken);
    }

    /// <summary>Waits until the guest has a lease on a card of this host.</summary>
    /// <returns>The guest's boot.</returns>
    public async Task<string> LeaseAsync(LabHost host, string vm, CancellationToken cancellationToken)
    {
        var console = "";
        Match? lease = null;
        await Condition.BecomesTrueAsync(
            async () =>
            {
                console = await host.ConsoleOfGuestAsync(vm, cancellationToken);
                lease = Lease().Matches(console).LastOrDefault(match => match.Groups[1].Value.StartsWith(host.Macs, StringComparison.Ordinal));
                return lease is not null;
            },
            GuestTimeout,
            () => $"the guest has no lease on a card of {host.Name}; its console: {console}",
            cancellationToken);
        return lease!.Groups[2].Value;
    }

    /// <summary>What libvirt has in its domains is what management says, on both hosts.</summary>
    public async Task AgreeAsync(CancellationToken cancellationToken)
    {
        foreach (var host in new[] { First, Second })
        {
            var hostId = (string)(await Api.CallAsync("listHosts", ("name", host.Name)))["host"]![0]!["id"]!;
            var owned = ((await Api.CallAsync("listPciDevices", ("hostid", hostId)))["pcidevice"] ?? new JArray())
                .Where(device => device["virtualmachineid"] is not null).Select(device => (string)device["address"]!).Order(StringComparer.Ordinal).ToList();
            var there = await host.DevicesOfDomainsAsync(cancellationToken);
            if (!owned.SequenceEqual(there)) throw new InvalidOperationException($"{host.Name}: management says {string.Join(' ', owned)}, libvirt {string.Join(' ', there)}");
        }
    }

    /// <summary>What management keeps of the last migration, in words.</summary>
    public async Task<IReadOnlyList<string>> StoryAsync(string vm) =>
    [
        .. ((await Api.CallAsync("listEvents", ("type", "VM.MIGRATE")))["event"] ?? new JArray())
            .Where(one => (string?)one["resourceid"] == vm || one["resourceid"] is null).Select(one => (string)one["description"]!),
    ];

    /// <summary>Destroys all virtual machines.</summary>
    public async Task ClearAsync()
    {
        foreach (var vm in (await Api.CallAsync("listVirtualMachines"))["virtualmachine"] ?? new JArray())
        {
            await RunAsync("destroyVirtualMachine", ("id", (string)vm["id"]!), ("expunge", true));
        }
    }

    /// <summary>Of everything in the hosts that matters.</summary>
    public async Task<string> VersionsAsync() => _management is null ? "" : (await First.DoAsync(
        "echo \"$(date -u +%F), hosts: $(. /etc/os-release; echo $PRETTY_NAME), kernel $(uname -r), $(virsh -q version | sed -n 's/^Using library: //p'), $(virsh -q version | sed -n 's/^Running hypervisor: //p')\"",
        CancellationToken.None)).Trim();

    public async ValueTask DisposeAsync()
    {
        if (First is not null) await File.WriteAllTextAsync(Path.Combine(folder, "run/management.log"), _management?.Output);
        foreach (var host in new[] { First, Second })
        {
            if (host is null) continue;
            await KeepLogAsync(host);
            await host.DisposeAsync();
        }

        if (_management is not null) await _management.DisposeAsync();
        await _broker.DisposeAsync();
    }

    [GeneratedRegex(@"LAB-LEASE \w+ (\S+) \S+ boot=([0-9a-f-]{36})")]
    private static partial Regex Lease();

    private async Task KeepLogAsync(LabHost host)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(10));
        try
        {
            var log = await host.DoAsync("cat /var/log/agent.log /var/log/libvirt/libvirtd.log 2>/dev/null; tail -n 40 /var/log/guests/* 2>/dev/null; true", patience.Token);
            await File.WriteAllTextAsync(Path.Combine(folder, $"run/{host.Name}.log"), log, patience.Token);
        }
        catch (Exception e) when (e is IOException or System.Net.Sockets.SocketException or OperationCanceledException or InvalidOperationException)
        {
            Console.Error.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{host.Name}: no log: {e.Message}"));
        }
    }

    /// <summary>Waits for a job.</summary>
    /// <exception cref="ApiError">It failed.</exception>
    public async Task<JObject> WaitAsync(JObject started, CancellationToken cancellationToken)
    {
        JObject? job = null;
        await Condition.BecomesTrueAsync(
            async () =>
            {
                job = await Api.CallAsync("queryAsyncJobResult", ("jobid", (string)started["jobid"]!));
                return (int)job["jobstatus"]! != 0;
            },
            JobTimeout,
            () => $"the job does not end: {job}",
            cancellationToken);
        var result = (JObject)job!["jobresult"]!;
        return (int)job["jobstatus"]! == 1 ? result : throw new ApiError((int)result["errorcode"]!, (string)result["errortext"]!);
    }
}
