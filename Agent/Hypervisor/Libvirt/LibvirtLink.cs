namespace PciBus.Agent.Hypervisor.Libvirt;

/// <summary>
/// Keeps a connection to a hypervisor of libvirt: one that closed, or did not answer in time, is replaced at the next call, and one that
/// closed without any. libvirtd works at 5 calls of a connection at a time: what looks goes over the connection that is kept, which
/// listens to events; what changes something may take minutes, and gets a connection of its own.
/// </summary>
internal sealed partial class LibvirtLink(string uri, TimeProvider timeProvider, ILogger logger) : IAsyncDisposable
{
    /// <summary>So many connections may hold a thread that waits in vain, before no more are opened.</summary>
    private const int MostHeld = 8;

    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    private readonly Lock _gate = new();
    private readonly CancellationTokenSource _life = new();
    private readonly List<LibvirtConnection> _given = [];
    private readonly List<(Guid Domain, LibvirtConnection Connection)> _unanswered = [];
    private LibvirtConnection? _current;
    private Task<LibvirtConnection>? _opening;
    private long _opened;
    private bool _ended;
    private Task _listening = Task.CompletedTask;

    /// <summary>An event of libvirt.</summary>
    public event Action<LibvirtEvent>? Happened;

    /// <summary>There is another connection; what happened meanwhile was not told.</summary>
    public event Action? Reopened;

    /// <summary>Opens the first connection.</summary>
    /// <exception cref="DllNotFoundException">There is no libvirt on this host.</exception>
    /// <exception cref="LibvirtException">It cannot be opened, or does not answer.</exception>
    public async Task OpenAsync(CancellationToken cancellationToken)
    {
        var first = await GetAsync(cancellationToken);
        _listening = ListenAsync(first);
    }

    /// <summary>Asks something that libvirt answers at once.</summary>
    /// <exception cref="LibvirtException">What libvirt refused; or there is no connection, and it was not asked.</exception>
    public async Task<T> LookAsync<T>(Func<LibvirtConnection, Task<T>> call, CancellationToken cancellationToken)
    {
        var connection = await GetAsync(cancellationToken);
        try
        {
            return await call(connection);
        }
        catch (ObjectDisposedException)
        {
            throw LibvirtCalls.NotAsked(uri, "the connection was given up in this moment");
        }
    }

    /// <summary>Asks for something that may take its time.</summary>
    /// <param name="domain">The domain that it changes.</param>
    /// <param name="call">The only call of its connection.</param>
    /// <param name="cancellationToken">Gives up waiting; libvirt goes on.</param>
    /// <inheritdoc cref="LookAsync"/>
    public async Task ChangeAsync(Guid domain, Func<LibvirtConnection, Task> call, CancellationToken cancellationToken)
    {
        // A libvirt that does not answer there needs no other thread to find that out.
        await GetAsync(cancellationToken);
        await using var connection = await OpenOrSayWhyAsync(LibvirtDeadlines.Open, listens: false, cancellationToken);
        try
        {
            await call(connection);
        }
        catch (Exception e) when (e is OperationCanceledException or LibvirtException { Failure: LibvirtFailure.Connection })
        {
            lock (_gate) _unanswered.Add((domain, connection));
            throw;
        }
    }

    /// <summary>
    /// Domains with a change that nobody waits for any more and that libvirt has not answered. It may not even have begun: libvirtd works
    /// at 20 calls at a time and keeps the others for later, while it answers lookups at once.
    /// </summary>
    public IReadOnlySet<Guid> ListUnanswered()
    {
        lock (_gate)
        {
            // The connection closes when its call has returned.
            _unanswered.RemoveAll(change => change.Connection.ReferencesLeft is not null);
            return _unanswered.Select(change => change.Domain).ToHashSet();
        }
    }

    public async ValueTask DisposeAsync()
    {
        LibvirtConnection? current;
        lock (_gate)
        {
            if (_ended) return;
            _ended = true;
            current = _current;
        }

        await _life.CancelAsync();
        if (current is not null) await current.DisposeAsync();
        await _listening;
    }

    private async Task<LibvirtConnection> GetAsync(CancellationToken cancellationToken)
    {
        Task<LibvirtConnection> opening;
        TimeSpan wait;
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_ended, this);
            if (_current is { IsUsable: false } lost) GiveUp(lost);
            if (_current is not null) return _current;
            if (_opening is not { IsCompleted: false }) Begin();
            opening = _opening!;
            wait = LibvirtDeadlines.Open - timeProvider.GetElapsedTime(_opened);
        }

        try
        {
            // Nobody opens a second one beside the one that is not answered: it goes on, and is there when libvirt is.
            return await opening.WaitAsync(wait > TimeSpan.Zero ? wait : TimeSpan.Zero, timeProvider, cancellationToken);
        }
        catch (TimeoutException)
        {
            throw LibvirtCalls.NotAsked(uri, $"it did not answer within {LibvirtDeadlines.Open.TotalSeconds:0.#} s");
        }
    }

    /// <summary>Called under the gate.</summary>
    private void Begin()
    {
        _given.RemoveAll(connection => connection.ReferencesLeft is not null);
        if (_given.Count >= MostHeld) throw LibvirtCalls.NotAsked(uri, $"{_given.Count} connections to it wait for answers");
        _opened = timeProvider.GetTimestamp();
        _opening = OpenNextAsync();
    }

    private async Task<LibvirtConnection> OpenNextAsync()
    {
        var connection = await OpenOrSayWhyAsync(Timeout.InfiniteTimeSpan, listens: true, _life.Token);
        lock (_gate)
        {
            _current = connection;
            if (!_ended) return connection;
        }

        await connection.DisposeAsync();
        throw new OperationCanceledException();
    }

    /// <summary>Called under the gate. Its calls that are under way go on.</summary>
    private void GiveUp(LibvirtConnection connection)
    {
        if (_current != connection) return;
        (_current, _opening) = (null, null);
        _given.Add(connection);
        // The connection closes by itself when libvirt answers, however late that is.
        _ = connection.DisposeAsync().AsTask();
    }

    private async Task<LibvirtConnection> OpenOrSayWhyAsync(TimeSpan deadline, bool listens, CancellationToken cancellationToken)
    {
        try
        {
            return await LibvirtConnection.OpenAsync(uri, deadline, listens, timeProvider, cancellationToken);
        }
        catch (LibvirtException e)
        {
            // Whichever part of libvirt says so.
            throw new LibvirtException(e.Code, HypervisorException.RpcDomain, e.Message) { WasNotAsked = true };
        }
    }

    private async Task ListenAsync(LibvirtConnection connection)
    {
        try
        {
            while (true)
            {
                await foreach (var happened in connection.Events.ReadAllAsync(_life.Token))
                {
                    Tell(happened, () => Happened?.Invoke(happened));
                    if (happened is LibvirtEvent.ConnectionClosed) break;
                }

                lock (_gate) GiveUp(connection);
                connection = await ReopenAsync();
                Tell("the new connection", () => Reopened?.Invoke());
            }
        }
        catch (Exception e) when (e is OperationCanceledException or ObjectDisposedException)
        {
            // It is disposed of.
        }
    }

    /// <summary>Who is told may fail: what happens next is told all the same.</summary>
    private void Tell(object what, Action tell)
    {
        try
        {
            tell();
        }
        catch (Exception e)
        {
            LogNotHeeded(uri, what, e);
        }
    }

    private async Task<LibvirtConnection> ReopenAsync()
    {
        while (true)
        {
            try
            {
                return await GetAsync(_life.Token);
            }
            catch (LibvirtException)
            {
                await Task.Delay(Pause, timeProvider, _life.Token);
            }
        }
    }

    [LoggerMessage(3301, LogLevel.Error, "{Uri}: the agent could not act on {What}")]
    private partial void LogNotHeeded(string uri, object what, Exception exception);
}
