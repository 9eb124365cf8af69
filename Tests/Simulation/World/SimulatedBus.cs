using PciBus.Contracts;
using PciBus.Contracts.Startup;
using PciBus.Contracts.VirtualMachines;
using PciBus.Tests.Simulation.Faults;
using PciBus.Tests.Simulation.Judge;
using PciBus.Tests.Simulation.Planted;
using PciBus.Tests.Simulation.Product;

namespace PciBus.Tests.Simulation.World;

/// <summary>
/// The bus between management and agents: takes its time, and while it is faulty delays, doubles and loses what concerns
/// operations under way. What agents say waits for a management server, and is given again to another when one dies over it.
/// </summary>
internal sealed class SimulatedBus(
    SimulationLoop loop, Random random, Trace trace, Tally tally, EvidenceLog evidence, PlantedBug bug)
{
    private const int Attempts = 10;

    private readonly List<HostMachine> _agents = [];

    public bool IsFaulty { get; set; }

    /// <summary>Messages that are under way.</summary>
    public int Pending { get; private set; }

    /// <summary>A management server that is alive; null when there is none.</summary>
    public Func<ManagementServer?> Server { get; set; } = () => null;

    public void Connect(HostMachine agent) => _agents.Add(agent);

    /// <exception cref="IOException">The broker did not confirm; it may have the message or not.</exception>
    public async Task ToAgentAsync(string destination, object message, string from)
    {
        if (bug.Swallows(message)) return;
        evidence.Sent(destination, message);
        await loop.PauseAsync(Milliseconds(0, 5));
        if (Strikes(message, 0.03))
        {
            Note(Fault.DroppedBeforeConfirm, message, from);
            throw new IOException("the broker is gone");
        }

        Carry(message, from, destination, loop.Spawn, () => ReceiveAsync(destination, message));
        if (!Strikes(message, 0.03)) return;
        Note(Fault.ConfirmLost, message, from);
        throw new IOException("the broker's confirm was lost");
    }

    public Task ToManagementAsync(object message, HostMachine from)
    {
        if (Strikes(message, 0.03))
        {
            Note(Fault.DroppedBeforeConfirm, message, from.Guid);
            throw new IOException("the broker is gone");
        }

        if (message is VirtualMachineAnswer && Strikes(message, 0.04))
        {
            Note(Fault.AnswerLost, message, from.Guid);
            return Task.CompletedTask;
        }

        var sent = loop.Events;
        Carry(message, from.Guid, "mgmt", loop.SpawnPlain, () => HandleAsync(bug.ToManagement(message, from), message, from, sent, 1));
        return Task.CompletedTask;
    }

    /// <summary>What comes for a guid that no agent has is lost.</summary>
    private Task ReceiveAsync(string destination, object message) =>
        _agents.Find(agent => EndpointNames.Agent(agent.Says) == destination) is { } agent
            ? agent.ReceiveAsync(bug.ToAgent(message, agent))
            : Task.CompletedTask;

    private void Carry(object message, string from, string to, Action<Func<Task>> spawn, Func<Task> deliver)
    {
        tally.CountMessage();
        trace.Add(from, $"-> {to}: {MessageText.Of(message)}");
        Deliver(message, to, Delay(message, from), () => spawn(deliver));
        if (!Strikes(message, 0.05)) return;
        Note(Fault.MessageDuplicated, message, from);
        Deliver(message, to, Milliseconds(0, random.Next(4) == 0 ? 300_000 : 5_000), () => spawn(deliver));
    }

    private void Deliver(object message, string to, TimeSpan delay, Action deliver)
    {
        Pending++;
        loop.After(delay, () =>
        {
            Pending--;
            trace.Add(to, $"<- {MessageText.Of(message)}");
            deliver();
        });
    }

    private async Task HandleAsync(object message, object original, HostMachine from, long sent, int attempt)
    {
        if (Server() is { } server)
        {
            // What a machine says in another's name is evidence of nothing.
            var isItself = EvidenceLog.GuidIn(original) is not { } guid || guid == from.Guid;
            if (isItself) evidence.Handling(original, sent);
            if (await server.HandleAsync(message))
            {
                if (isItself) evidence.Handled(original);
                else if (original is StartupRoutingCommand) from.Refused = loop.Now;
                return;
            }

            attempt++;
            if (attempt > Attempts) throw new InvalidOperationException($"{MessageText.Of(message)} cannot be handled");
        }

        Pending++;
        loop.After(Milliseconds(500, 3_000), () =>
        {
            Pending--;
            loop.SpawnPlain(() => HandleAsync(message, original, from, sent, attempt));
        });
    }

    private TimeSpan Delay(object message, string from)
    {
        if (!Strikes(message, message is PingRoutingCommand ? 0.1 : 0.06)) return Milliseconds(1, 30);
        Note(
            message switch
            {
                PingRoutingCommand => Fault.StaleReport,
                StartupRoutingCommand or StartupAnswer => Fault.AnnouncementReordered,
                _ => Fault.MessageDelayed,
            },
            message,
            from);
        // Some far past every deadline, some so late that everything has been given up meanwhile.
        return random.Next(3) switch
        {
            0 => Milliseconds(1_000, 20_000),
            1 => Milliseconds(60_000, 240_000),
            _ => Milliseconds(200_000, 500_000),
        };
    }

    /// <summary>Ready and farewells decide nothing: faults are kept for what does.</summary>
    private bool Strikes(object message, double probability) =>
        IsFaulty && message is not (ReadyCommand or ShutdownCommand) && random.NextDouble() < probability;

    private void Note(Fault fault, object message, string actor)
    {
        tally.Count(fault);
        trace.Add(actor, $"!! {fault}: {MessageText.Of(message)}");
    }

    private TimeSpan Milliseconds(int from, int to) => TimeSpan.FromMilliseconds(random.Next(from, to + 1));
}
