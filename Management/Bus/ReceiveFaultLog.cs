using MassTransit;

namespace PciBus.Management.Bus;

/// <summary>
/// Logs each delivery that failed after its retries, and nothing else: the bus's own log would show every command to an agent
/// that is away as an error.
/// </summary>
internal sealed partial class ReceiveFaultLog(ILogger<ReceiveFaultLog> logger) : IReceiveObserver
{
    public Task PreReceive(ReceiveContext context) => Task.CompletedTask;

    public Task PostReceive(ReceiveContext context) => Task.CompletedTask;

    public Task PostConsume<T>(ConsumeContext<T> context, TimeSpan duration, string consumerType) where T : class => Task.CompletedTask;

    public Task ConsumeFault<T>(ConsumeContext<T> context, TimeSpan duration, string consumerType, Exception exception) where T : class =>
        Task.CompletedTask;

    public Task ReceiveFault(ReceiveContext context, Exception exception)
    {
        LogFault(context.GetMessageId(), context.InputAddress.Segments[^1], exception);
        return Task.CompletedTask;
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "Message {MessageId} of {Queue} failed")]
    private partial void LogFault(Guid? messageId, string queue, Exception exception);
}
