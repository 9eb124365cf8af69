using System.Collections.Concurrent;
using MassTransit;
using Microsoft.Extensions.Logging;
using PciBus.Agent;
using PciBus.Agent.Registration;
using PciBus.Agent.Setup;
using PciBus.Contracts;
using PciBus.Contracts.VirtualMachines;
using PciBus.Management.Bus;
using PciBus.Tests.Agent;
using PciBus.Tests.Support;
using Xunit;

namespace PciBus.Tests.Bus;

/// <summary>No message is sent that nobody takes.</summary>
public sealed class ConsumedMessagesTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("pcibus-taken-").FullName;

    public static IEnumerable<TheoryDataRow<Type>> Answers =>
        Rows(Messages.Where(type => type.IsSubclassOf(typeof(VirtualMachineAnswer))));

    public static IEnumerable<TheoryDataRow<Type>> NotForManagement => Rows(Messages.Where(type => !IsForManagement(type)));

    public static IEnumerable<TheoryDataRow<Type>> ForManagement => Rows(Messages.Where(IsForManagement));

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private static IEnumerable<Type> Messages => typeof(Command).Assembly.GetTypes()
        .Where(type => !type.IsAbstract && (type.IsSubclassOf(typeof(Command)) || type.IsSubclassOf(typeof(Answer))));

    [Theory]
    [MemberData(nameof(Answers))]
    public void Management_TakesEveryAnswer(Type answer) =>
        Assert.True(typeof(IConsumer<>).MakeGenericType(answer).IsAssignableFrom(typeof(VirtualMachineAnswerConsumer)), $"{answer.Name} is not consumed");

    [Theory]
    [MemberData(nameof(NotForManagement))]
    public async Task Agents_TakeWhatManagementDoesNot(Type message) => Assert.Equal([], await RefusedAsync(message));

    [Theory]
    [MemberData(nameof(ForManagement))]
    public async Task Agents_TakeNothingThatIsForManagement(Type message) =>
        Assert.Equal([$"kvm1: message {message.Name} is not for an agent"], await RefusedAsync(message));

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    /// <summary>What a running agent logs of a message that it got over the bus and does not know.</summary>
    private async Task<IReadOnlyList<string>> RefusedAsync(Type message)
    {
        var path = Path.Combine(_folder, "agent.properties");
        await File.WriteAllTextAsync(path, "guid=kvm1\nhypervisor.type=simulated\nagent.data.folder=data\npci.devices=", Token);
        using var log = new RecordingLogger();
        using var loggers = LoggerFactory.Create(logging => logging.AddProvider(log));
        var file = AgentPropertiesFile.Open(path, TimeProvider.System);
        var host = HostSetup.Simulated(file, TimeProvider.System, loggers);
        await using var node = new AgentNode(file, host, host, new RecordingLink(), TimeProvider.System, loggers);
        var bus = MassTransit.Bus.Factory.CreateUsingInMemory(configuration => configuration.ReceiveEndpoint(
            EndpointNames.Agent(node.Guid), endpoint => AgentEndpoint.Configure(endpoint, node)));
        var taken = new TakenMessages();
        bus.ConnectConsumeObserver(taken);
        await bus.StartAsync(Token);
        await node.StartAsync(Token);

        var queue = await bus.GetSendEndpoint(new Uri($"queue:{EndpointNames.Agent(node.Guid)}"));
        await queue.Send(Activator.CreateInstance(message)!, message, Token);
        await Patience.UntilAsync(
            () => taken.Types.Contains(message), TimeSpan.FromSeconds(10), () => $"the agent got {string.Join(',', taken.Types)}", Token);

        await bus.StopAsync(Token);
        return [.. log.Lines.Select(line => line.Text).Where(text => text.Contains("is not for an agent", StringComparison.Ordinal))];
    }

    private static bool IsForManagement(Type message)
    {
        var consumer = typeof(IConsumer<>).MakeGenericType(message);
        return typeof(VirtualMachineAnswerConsumer).Assembly.GetTypes().Any(type => type.IsAssignableTo(consumer));
    }

    private static IEnumerable<TheoryDataRow<Type>> Rows(IEnumerable<Type> types) => [.. types.Select(type => new TheoryDataRow<Type>(type))];

    private sealed class TakenMessages : IConsumeObserver
    {
        private readonly ConcurrentBag<Type> _types = [];

        public IReadOnlyCollection<Type> Types => _types;

        public Task PreConsume<T>(ConsumeContext<T> context) where T : class => Task.CompletedTask;

        public Task PostConsume<T>(ConsumeContext<T> context)
            where T : class
        {
            _types.Add(typeof(T));
            return Task.CompletedTask;
        }

        public Task ConsumeFault<T>(ConsumeContext<T> context, Exception exception) where T : class => Task.CompletedTask;
    }
}
