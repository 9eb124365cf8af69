using Newtonsoft.Json.Linq;
using PciBus.Tests.EndToEnd;
using PciBus.Tests.Support;

namespace PciBus.Tests.Nemesis;

/// <summary>
/// Users: each takes a virtual machine through its life (deploy, migrate, stop, start, attach, migrate, detach, reboot, destroy), again
/// and again, on whichever management server answers. A refusal is part of life and counted; a job that does not end is not.
/// </summary>
internal sealed class LifeCycles(IReadOnlyList<ApiClient> servers, string zoneId, string templateId, IReadOnlyList<string> offeringIds)
{
    private static readonly TimeSpan Answered = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan Ended = TimeSpan.FromSeconds(60);
    private readonly List<string> _refusals = [];
    private int _begun;
    private int _completed;
    private int _migrations;

    /// <summary>Life cycles in which every step succeeded.</summary>
    public int Completed => _completed;

    /// <summary>Migrations that succeeded.</summary>
    public int Migrations => _migrations;

    /// <summary>Why the others ended early, and what else was refused.</summary>
    public IReadOnlyList<string> Refusals
    {
        get
        {
            lock (_refusals) return [.. _refusals];
        }
    }

    /// <summary>Lives until told to stop; what is under way then is carried to its end.</summary>
    public Task RunAsync(int users, Func<bool> isOver) => Task.WhenAll(Enumerable.Range(0, users).Select(async user =>
    {
        while (!isOver())
        {
            var number = Interlocked.Increment(ref _begun);
            try
            {
                await LiveAsync($"vm{number}", servers[(user + number) % servers.Count], offeringIds[number % offeringIds.Count]);
                Interlocked.Increment(ref _completed);
            }
            catch (ApiError refusal)
            {
                lock (_refusals) _refusals.Add($"vm{number}: {refusal.Code} {refusal.Message}");
            }
        }
    }));

    private async Task LiveAsync(string name, ApiClient server, string offeringId)
    {
        var accepted = await AskAsync(
            server, "deployVirtualMachine", ("name", name), ("zoneid", zoneId), ("templateid", templateId), ("serviceofferingid", offeringId));
        var id = (string)accepted["id"]!;
        try
        {
            await WaitAsync(accepted);
            await MigrateAsync(server, name, id);
            await WaitAsync(await AskAsync(server, "stopVirtualMachine", ("id", id)));
            await WaitAsync(await AskAsync(server, "startVirtualMachine", ("id", id)));
            await WaitAsync(await AskAsync(server, "attachPciDevice", ("virtualmachineid", id), ("name", "10GE")));
            await MigrateAsync(server, name, id);
            // It has none when its host has lost its power meanwhile.
            var device = (string?)(await AskAsync(server, "listPciDevices", ("virtualmachineid", id)))["pcidevice"]?.LastOrDefault()?["id"];
            if (device is not null) await WaitAsync(await AskAsync(server, "detachPciDevice", ("virtualmachineid", id), ("deviceid", device)));
            await WaitAsync(await AskAsync(server, "rebootVirtualMachine", ("id", id)));
        }
        finally
        {
            await WaitAsync(await AskAsync(server, "destroyVirtualMachine", ("id", id), ("expunge", true)));
            await SweepAsync(server, name);
        }
    }

    /// <summary>To whichever host fits. A migration that fails leaves the virtual machine where it was, and life goes on there.</summary>
    private async Task MigrateAsync(ApiClient server, string name, string id)
    {
        try
        {
            await WaitAsync(await AskAsync(server, "migrateVirtualMachine", ("virtualmachineid", id)));
            Interlocked.Increment(ref _migrations);
        }
        catch (ApiError refusal)
        {
            lock (_refusals) _refusals.Add($"{name}: not migrated: {refusal.Code} {refusal.Message}");
        }
    }

    /// <summary>Destroys what came of requests whose answers were lost: the cluster would be full of it in the end.</summary>
    private async Task SweepAsync(ApiClient server, string name)
    {
        var left = (JArray?)(await AskAsync(server, "listVirtualMachines", ("name", name)))["virtualmachine"] ?? [];
        foreach (var vm in left.Where(vm => (string?)vm["name"] == name))
        {
            await WaitAsync(await AskAsync(server, "destroyVirtualMachine", ("id", (string)vm["id"]!), ("expunge", true)));
        }
    }

    /// <summary>
    /// Asks this server, or the next one that answers. A request whose answer was lost may have been taken: what comes of it
    /// is nobody's, and swept up later.
    /// </summary>
    private async Task<JObject> AskAsync(ApiClient first, string command, params (string Name, object? Value)[] parameters)
    {
        JObject? answer = null;
        await Patience.UntilAsync(
            async () =>
            {
                foreach (var server in servers.OrderBy(server => server != first))
                {
                    answer = await server.TryCallAsync(command, parameters);
                    if (answer is not null) return true;
                }

                return false;
            },
            Answered,
            () => "no answer",
            default,
            $"a server answers {command}");
        return answer!;
    }

    private async Task WaitAsync(JObject accepted)
    {
        var jobId = (string)accepted["jobid"]!;
        JObject? job = null;
        await Patience.UntilAsync(
            async () =>
            {
                job = await AskAsync(servers[0], "queryAsyncJobResult", ("jobid", jobId));
                return (int)job["jobstatus"]! != 0;
            },
            Ended,
            () => $"{job}",
            default,
            $"job {jobId} has ended");
        if ((int)job!["jobstatus"]! == 1) return;
        var result = job["jobresult"]!;
        throw new ApiError((int)result["errorcode"]!, (string)result["errortext"]!);
    }
}
