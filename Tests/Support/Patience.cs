using System.Globalization;
using System.Net.Sockets;
using System.Runtime.CompilerServices;

namespace PciBus.Tests.Support;

/// <summary>
/// Waits for conditions. A test names the time that an idle machine needs at most; the deadline is that time multiplied by the
/// environment variable <c>PCIBUS_PATIENCE</c>, whose default is 4.
/// </summary>
internal static class Patience
{
    private const string Variable = "PCIBUS_PATIENCE";
    private const double DefaultFactor = 4;
    private const int LinesShown = 40;
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(50);
    private static readonly double Factor = ReadFactor(Environment.GetEnvironmentVariable(Variable));

    /// <summary>The deadline of something that takes an idle machine so long at most.</summary>
    public static TimeSpan Times(TimeSpan idle) => idle * Factor;

    /// <summary>
    /// Looks again and again until the condition is true. An <see cref="HttpRequestException"/> or a <see cref="SocketException"/> of
    /// the condition, and a request that timed out, count as "not yet": a server that is starting answers nobody. Any other exception ends the wait.
    /// </summary>
    /// <param name="condition">The look.</param>
    /// <param name="idle">The time that an idle machine needs at most.</param>
    /// <param name="lastSeen">Tells the state of now; it is asked once, when the wait gives up.</param>
    /// <param name="what">The condition in words; the source text of the condition stands in for them.</param>
    /// <param name="interval">Between two looks; default 50 ms. For looks that take much of what they look at.</param>
    /// <exception cref="TimeoutException">It did not become true: how long was waited, for what, and what was seen last.</exception>
    public static async Task UntilAsync(
        Func<Task<bool>> condition, TimeSpan idle, Func<string> lastSeen, CancellationToken cancellationToken,
        [CallerArgumentExpression(nameof(condition))] string what = "", TimeSpan? interval = null)
    {
        var deadline = Times(idle);
        var started = TimeProvider.System.GetTimestamp();
        while (true)
        {
            var unanswered = await LookAsync(condition);
            if (unanswered is "") return;
            var waited = TimeProvider.System.GetElapsedTime(started);
            if (waited > deadline) throw new TimeoutException(Told(waited, what, unanswered, lastSeen));
            await Task.Delay(interval ?? Interval, TimeProvider.System, cancellationToken);
        }
    }

    /// <inheritdoc cref="UntilAsync(Func{Task{bool}}, TimeSpan, Func{string}, CancellationToken, string, TimeSpan?)"/>
    public static Task UntilAsync(
        Func<bool> condition, TimeSpan idle, Func<string> lastSeen, CancellationToken cancellationToken,
        [CallerArgumentExpression(nameof(condition))] string what = "") =>
        UntilAsync(() => Task.FromResult(condition()), idle, lastSeen, cancellationToken, what);

    /// <summary>The last lines of what a process printed.</summary>
    public static string LastLines(string output) => string.Join('\n', output.TrimEnd().Split('\n').TakeLast(LinesShown));

    /// <summary>The factor that a value of the environment variable stands for.</summary>
    internal static double ReadFactor(string? value)
    {
        if (string.IsNullOrEmpty(value)) return DefaultFactor;
        return double.TryParse(value, NumberStyles.Float, CultureInfo.InvariantCulture, out var factor) && factor is > 0 and < double.PositiveInfinity
            ? factor
            : throw new InvalidOperationException($"{Variable} is \"{value}\"; allowed is a number above 0");
    }

    /// <returns>"" when it is true, null when it is not, and why when nobody answered.</returns>
    private static async Task<string?> LookAsync(Func<Task<bool>> condition)
    {
        try
        {
            return await condition() ? "" : null;
        }
        catch (Exception exception) when (exception is HttpRequestException or SocketException)
        {
            // The second is what HttpClient throws when a connection is closed in the moment in which it is made: a server that starts
            // finds out whether its port is free by listening there for a moment.
            return exception.Message;
        }
        catch (TaskCanceledException exception) when (exception.InnerException is TimeoutException)
        {
            // So HttpClient tells of its own time-out.
            return exception.Message;
        }
    }

    private static string Told(TimeSpan waited, string what, string? unanswered, Func<string> lastSeen)
    {
        string seen;
        try
        {
            seen = lastSeen();
        }
        catch (Exception exception)
        {
            // The wait is what failed: a look at the end that fails as well must not hide it.
            seen = $"(nothing: {exception.Message})";
        }

        var lastAnswer = unanswered is null ? "" : $"\nThe last look was not answered: {unanswered}";
        return string.Create(
            CultureInfo.InvariantCulture, $"Waited {waited.TotalSeconds:0.0} s for: {what}{lastAnswer}\nSeen last:\n{seen}");
    }
}
