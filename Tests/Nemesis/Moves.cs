using System.Collections.Concurrent;
using Newtonsoft.Json.Linq;
using PciBus.Tests.EndToEnd;

namespace PciBus.Tests.Nemesis;

/// <summary>What users do with a virtual machine that runs: migrate it, think better of it, give it one device more for a while.</summary>
internal sealed class Moves(AnyServer server, int seed)
{
    private readonly ConcurrentQueue<string> _failures = [];
    private int _completed;
    private int _cancelled;
    private int _rolledBack;
    private int _endedOtherwise;
    private int _hotplugs;
    private int _hotplugFailures;

    public int Completed => _completed;

    /// <summary>Given up by a user; the machine has stayed.</summary>
    public int Cancelled => _cancelled;

    /// <summary>Devices that were attached and detached again.</summary>
    public int Hotplugs => _hotplugs;

    /// <summary>Something went wrong, and the machine has stayed.</summary>
    public int RolledBack => _rolledBack;

    /// <summary>Migrations that were refused, or whose machine was lost with its host.</summary>
    public int EndedOtherwise => _endedOtherwise;

    public int HotplugFailures => _hotplugFailures;

    /// <summary>Why migrations and hot-plugs failed.</summary>
    public IReadOnlyCollection<string> Failures => _failures;

    /// <param name="user">Which server is asked first.</param>
    /// <param name="number">The life, which decides with the seed what is done.</param>
    /// <param name="id">The virtual machine.</param>
    public async Task MakeAsync(int user, int number, string id)
    {
        var random = new Random(HashCode(number));
        await MigrateAsync(user, id, isCancelled: random.Next(6) == 0, TimeSpan.FromMilliseconds(random.Next(2500)));
        if (random.Next(3) == 0) await HotplugAsync(user, id);
        await MigrateAsync(user, id, isCancelled: random.Next(6) == 0, TimeSpan.FromMilliseconds(random.Next(2500)));
    }

    private async Task MigrateAsync(int user, string id, bool isCancelled, TimeSpan after)
    {
        try
        {
            var accepted = await server.AskAsync(user, "migrateVirtualMachine", ("virtualmachineid", id));
            if (isCancelled) await GiveUpAsync(user, id, after);
            await server.WaitAsync(accepted);
            Interlocked.Increment(ref _completed);
        }
        catch (ApiError refusal) when (refusal.Text.StartsWith("The migration was given up", StringComparison.Ordinal))
        {
            Interlocked.Increment(ref _cancelled);
        }
        catch (ApiError refusal)
        {
            if (refusal.Text.StartsWith("Unable to migrate", StringComparison.Ordinal)) Interlocked.Increment(ref _rolledBack);
            else Interlocked.Increment(ref _endedOtherwise);
            _failures.Enqueue(refusal.Text);
        }
    }

    /// <summary>Too early or too late is no failure: the migration's own end decides.</summary>
    private async Task GiveUpAsync(int user, string id, TimeSpan after)
    {
        await Task.Delay(after, TimeProvider.System);
        try
        {
            await server.RunAsync(user, "cancelVirtualMachineMigration", ("virtualmachineid", id));
        }
        catch (ApiError)
        {
            // The job of the migration tells.
        }
    }

    private async Task HotplugAsync(int user, string id)
    {
        try
        {
            var before = await DevicesAsync(user, id);
            await server.RunAsync(user, "attachPciDevice", ("virtualmachineid", id), ("name", "10GE"));
            if ((await DevicesAsync(user, id)).Except(before).FirstOrDefault() is not { } device) return;
            await server.RunAsync(user, "detachPciDevice", ("virtualmachineid", id), ("deviceid", device));
            Interlocked.Increment(ref _hotplugs);
        }
        catch (ApiError refusal)
        {
            Interlocked.Increment(ref _hotplugFailures);
            _failures.Enqueue(refusal.Text);
        }
    }

    private async Task<List<string>> DevicesAsync(int user, string id) =>
        [
            .. ((await server.AskAsync(user, "listVirtualMachines", ("id", id)))["virtualmachine"]?[0]?["pcidevice"] ?? new JArray())
                .Select(device => (string)device["id"]!),
        ];

    private int HashCode(int number) => unchecked((seed * 397) ^ (number * 7919));
}
