using PciBus.Tests.EndToEnd;

namespace PciBus.Tests.Nemesis;

/// <summary>
/// Users: each takes a virtual machine through its life (deploy, move, stop, start, reboot, destroy), again and again, on
/// whichever management server answers. A refusal is part of life and counted; a job that does not end is not.
/// </summary>
/// <param name="moves">What is done with machines that run; null for nothing.</param>
internal sealed class LifeCycles(AnyServer server, string zoneId, string templateId, IReadOnlyList<string> offeringIds, Moves? moves = null)
{
    private readonly List<string> _refusals = [];
    private int _begun;
    private int _completed;

    /// <summary>Life cycles in which every step succeeded.</summary>
    public int Completed => _completed;

    /// <summary>Why the others ended early.</summary>
    public IReadOnlyList<string> Refusals
    {
        get
        {
            lock (_refusals) return [.. _refusals];
        }
    }

    /// <summary>Lives until told to stop; what is under way then is carried to its end, and the machines that move are left as they are.</summary>
    public Task RunAsync(int users, Func<bool> isOver) => Task.WhenAll(Enumerable.Range(0, users).Select(async user =>
    {
        while (!isOver())
        {
            var number = Interlocked.Increment(ref _begun);
            try
            {
                await LiveAsync(number, user + number, offeringIds[number % offeringIds.Count], isOver);
                Interlocked.Increment(ref _completed);
            }
            catch (ApiError refusal)
            {
                lock (_refusals) _refusals.Add($"vm{number}: {refusal.Code} {refusal.Message}");
            }
        }
    }));

    private async Task LiveAsync(int number, int user, string offeringId, Func<bool> isOver)
    {
        var accepted = await server.AskAsync(
            user, "deployVirtualMachine", ("name", $"vm{number}"), ("zoneid", zoneId), ("templateid", templateId), ("serviceofferingid", offeringId));
        var id = (string)accepted["id"]!;
        try
        {
            await server.WaitAsync(accepted);
            if (moves is not null) await moves.MakeAsync(user, number, id);
            await server.RunAsync(user, "stopVirtualMachine", ("id", id));
            await server.RunAsync(user, "startVirtualMachine", ("id", id));
            await server.RunAsync(user, "rebootVirtualMachine", ("id", id));
        }
        finally
        {
            if (moves is null || !isOver()) await server.RunAsync(user, "destroyVirtualMachine", ("id", id), ("expunge", true));
        }
    }
}
