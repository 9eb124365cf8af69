using RabbitMQ.Client;
using RabbitMQ.Client.Events;

namespace PciBus.Contracts.Connection;

/// <summary>One connection with the broker, and the channel on it that publishes. It is lost once, and does not come back.</summary>
public sealed class BrokerConnection : IAsyncDisposable
{
    private readonly TaskCompletionSource<string> _lost = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Lock _gate = new();
    private Task<IChannel>? _opening;
    private volatile IChannel? _publishing;

    internal BrokerConnection(IConnection connection)
    {
        Connection = connection;
        connection.ConnectionShutdownAsync += OnShutdownAsync;
        // The connection may have ended before this object listened.
        if (connection.CloseReason is { } reason) OnShutdownAsync(this, reason);
    }

    /// <summary>The client's connection, for channels that do something else than publishing.</summary>
    public IConnection Connection { get; }

    /// <summary>Ends when the connection is of no use any more; its result is the reason.</summary>
    public Task<string> Lost => _lost.Task;

    /// <summary>
    /// The broker is there, and has ended the connection: a message was on its way over a channel that the broker had just closed.
    /// </summary>
    public bool EndedOverAChannel =>
        Connection.CloseReason is { Initiator: ShutdownInitiator.Peer, ReplyCode: Constants.ChannelError or Constants.UnexpectedFrame };

    /// <summary>Declares the connection lost, so that another takes its place.</summary>
    /// <param name="why">The reason, for <see cref="Lost"/>.</param>
    /// <returns>False when it was lost already.</returns>
    public bool GiveUp(string why) => _lost.TrySetResult(why);

    /// <summary>Ties the connection to a channel: it is lost when the channel is.</summary>
    public void LivesWith(IChannel channel) => channel.ChannelShutdownAsync += OnShutdownAsync;

    /// <summary>
    /// The channel for publishing, which all share, with the broker's confirms. The broker closes it over one exchange that is missing, or
    /// is not as it should be: the next caller opens another for all. A connection on which none can be opened is lost.
    /// </summary>
    public Task<IChannel> ChannelAsync()
    {
        lock (_gate)
        {
            var serves = _opening is { IsCompleted: false } || _publishing is { IsOpen: true };
            return serves ? _opening! : _opening = OpenChannelAsync();
        }
    }

    /// <summary>Closes it. A lost connection cannot always say good-bye, and must not keep the next one from being opened.</summary>
    public async ValueTask DisposeAsync() =>
        await Connection.DisposeAsync().AsTask().ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);

    private async Task<IChannel> OpenChannelAsync()
    {
        try
        {
            return _publishing = await Connection.CreateChannelAsync(BrokerFactory.Confirmed);
        }
        catch (Exception exception)
        {
            GiveUp(exception.Message);
            throw;
        }
    }

    private Task OnShutdownAsync(object sender, ShutdownEventArgs reason)
    {
        GiveUp(reason.Exception?.Message ?? reason.ReplyText);
        return Task.CompletedTask;
    }
}
