using System.Globalization;
using System.Net.Sockets;
using Microsoft.Extensions.Hosting.Systemd;

namespace PciBus.Agent.Setup;

/// <summary>
/// Tells systemd how the agent is, where it runs as a service of Type=notify: READY=1 when management has accepted the host for the
/// first time, STOPPING=1 when the agent is asked to end, and WATCHDOG=1 twice within the unit's WatchdogSec, for as long as every part
/// of the agent goes on. Signals are the command line's.
/// </summary>
internal sealed partial class NotifyLifetime(
    ISystemdNotifier notifier, AgentNode node, IHostApplicationLifetime application, TimeProvider time, ILogger<NotifyLifetime> logger)
    : IHostLifetime, IAsyncDisposable
{
    private static readonly ServiceState Alive = new("WATCHDOG=1");

    private ITimer? _watchdog;

    public Task WaitForStartAsync(CancellationToken cancellationToken)
    {
        if (!notifier.IsEnabled) return Task.CompletedTask;
        node.Session.First.ContinueWith(_ => Tell(ServiceState.Ready), TaskScheduler.Default);
        application.ApplicationStopping.Register(() => Tell(ServiceState.Stopping));
        if (WatchdogTime() / 2 is { } half) _watchdog = time.CreateTimer(_ => TellAlive(), null, half, half);
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public ValueTask DisposeAsync() => _watchdog?.DisposeAsync() ?? ValueTask.CompletedTask;

    private void TellAlive()
    {
        if (!node.Broken.IsCompleted) Tell(Alive);
    }

    /// <summary>The unit's WatchdogSec; null when there is none, or when it is meant for another process.</summary>
    private static TimeSpan? WatchdogTime()
    {
        var process = Environment.GetEnvironmentVariable("WATCHDOG_PID") ?? "";
        if (process.Length > 0 && process != Environment.ProcessId.ToString(CultureInfo.InvariantCulture)) return null;
        var text = Environment.GetEnvironmentVariable("WATCHDOG_USEC");
        return long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var microseconds) && microseconds > 0
            // A timer does not take every number that the variable may hold.
            ? TimeSpan.FromMicroseconds(Math.Clamp(microseconds, 2_000, 86_400_000_000))
            : null;
    }

    private void Tell(ServiceState state)
    {
        try
        {
            notifier.Notify(state);
        }
        catch (SocketException e)
        {
            LogNotTold(e.Message);
        }
    }

    [LoggerMessage(4001, LogLevel.Warning, "systemd could not be told how the agent is: {Reason}")]
    private partial void LogNotTold(string reason);
}
