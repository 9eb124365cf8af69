using Microsoft.Extensions.Logging;

namespace PciBus.Tests.Simulation.World;

/// <summary>Puts what the product logs into the trace.</summary>
internal sealed class TraceLogger(Trace trace, string actor) : ILoggerFactory, ILogger
{
    public ILogger CreateLogger(string categoryName) =>
        categoryName.StartsWith("PciBus.", StringComparison.Ordinal) ? this : Microsoft.Extensions.Logging.Abstractions.NullLogger.Instance;

    public void AddProvider(ILoggerProvider provider) => throw new NotSupportedException();

    public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => true;

    public void Log<TState>(
        LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
        trace.Add(actor, $"  {formatter(state, exception)}{(exception is null ? "" : $" [{exception.GetType().Name}: {exception.Message}]")}");

    public void Dispose()
    {
        // The trace outlives all loggers.
    }
}
