using PciBus.Agent.Broker;

namespace PciBus.Agent.Setup;

/// <summary>The agent within its process, from its start to its farewell.</summary>
internal sealed class AgentService(AgentNode node, BrokerLink link, TextWriter error, IHostApplicationLifetime application) : IHostedService
{
    /// <summary>For the farewell, should the broker not take it.</summary>
    private static readonly TimeSpan StopPatience = TimeSpan.FromSeconds(10);

    /// <summary>Ends with the agent: the exit code.</summary>
    public Task<int> Served { get; private set; } = Task.FromResult(0);

    /// <exception cref="IOException">The data folder or the host cannot be used.</exception>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        await node.StartAsync(cancellationToken);
        Served = ServeAsync();
        _ = Served.ContinueWith(_ => application.StopApplication(), TaskScheduler.Default);
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.WhenAny(Served).WaitAsync(cancellationToken);

    /// <summary>Serves until it is asked to stop, another agent is this host, or a part of the agent has failed.</summary>
    private async Task<int> ServeAsync()
    {
        using var connection = new CancellationTokenSource();
        var asked = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var stop = application.ApplicationStopping.Register(asked.SetResult);
        var serving = link.RunAsync(node, connection.Token);
        await Task.WhenAny(serving, asked.Task, node.Broken);
        using var patience = new CancellationTokenSource(StopPatience, TimeProvider.System);
        try
        {
            // The connection is still there: management hears the farewell.
            await node.StopAsync(patience.Token);
        }
        catch (OperationCanceledException) when (patience.IsCancellationRequested)
        {
            // Management will find out by itself.
        }

        await connection.CancelAsync();
        try
        {
            await serving;
        }
        catch (GuidInUseException e)
        {
            await error.WriteLineAsync(e.Message);
            return RunCommand.GuidInUse;
        }
        catch (Exception) when (connection.IsCancellationRequested)
        {
            // It was asked to stop; an attempt to connect that fails in this moment does not matter any more.
        }

        if (!node.Broken.IsCompleted) return 0;
        await error.WriteLineAsync("A part of the agent has failed, as its log says: it ends, to be started again");
        return RunCommand.Broken;
    }
}
