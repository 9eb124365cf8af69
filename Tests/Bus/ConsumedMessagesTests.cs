using MassTransit;
using PciBus.Contracts;
using PciBus.Contracts.VirtualMachines;
using PciBus.Management.Agents;
using Xunit;

namespace PciBus.Tests.Bus;

/// <summary>No message is sent that nobody takes.</summary>
public sealed class ConsumedMessagesTests
{
    public static IEnumerable<TheoryDataRow<Type>> Answers => Of<VirtualMachineAnswer>();

    public static IEnumerable<TheoryDataRow<Type>> Commands => Of<VirtualMachineCommand>();

    [Theory]
    [MemberData(nameof(Answers))]
    public void Management_TakesEveryAnswer(Type answer) =>
        Assert.True(typeof(IConsumer<>).MakeGenericType(answer).IsAssignableFrom(typeof(VirtualMachineAnswerConsumer)), $"{answer.Name} is not consumed");

    [Theory]
    [MemberData(nameof(Commands))]
    public void Agents_TakeEveryCommand(Type command)
    {
        var consumer = typeof(IConsumer<>).MakeGenericType(command);
        Assert.Contains(typeof(PciBus.Agent.AgentEndpoint).Assembly.GetTypes(), type => type.IsAssignableTo(consumer));
    }

    private static IEnumerable<TheoryDataRow<Type>> Of<T>() where T : class =>
        [.. typeof(Command).Assembly.GetTypes().Where(type => type.IsSubclassOf(typeof(T))).Select(type => new TheoryDataRow<Type>(type))];
}
