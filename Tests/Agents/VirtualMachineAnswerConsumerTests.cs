using MassTransit;
using PciBus.Contracts.VirtualMachines;
using PciBus.Management.Agents;
using PciBus.Tests.Contracts;
using Xunit;

namespace PciBus.Tests.Agents;

public sealed class VirtualMachineAnswerConsumerTests
{
    public static IEnumerable<TheoryDataRow<string>> Answers =>
        MessageTypes.All.Where(type => type.IsSubclassOf(typeof(VirtualMachineAnswer))).Select(type => new TheoryDataRow<string>(type.Name));

    [Theory]
    [MemberData(nameof(Answers))]
    public void EveryAnswerAboutAVirtualMachine_IsTaken(string answer) => Assert.True(
        typeof(VirtualMachineAnswerConsumer).IsAssignableTo(typeof(IConsumer<>).MakeGenericType(MessageTypes.Named(answer))), $"nobody takes {answer}");
}
