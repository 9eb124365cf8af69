using System.Reflection;
using MassTransit;
using PciBus.Contracts;

namespace PciBus.Agent;

/// <summary>
/// An agent's queue on a bus within the process. As over a broker, every message that comes there is handed to the agent, which alone knows
/// what is for it.
/// </summary>
internal static class AgentEndpoint
{
    private static readonly MethodInfo Taking = typeof(AgentEndpoint).GetMethod(
        nameof(Take), BindingFlags.NonPublic | BindingFlags.Static)!;

    /// <summary>Attaches an agent to its endpoint, <see cref="EndpointNames.Agent"/>.</summary>
    public static void Configure(IReceiveEndpointConfigurator endpoint, AgentNode node)
    {
        // Management sends to the queue itself; what agents publish is for management alone.
        endpoint.ConfigureConsumeTopology = false;
        foreach (var message in typeof(Command).Assembly.GetTypes())
        {
            if (message.IsAbstract || !(message.IsSubclassOf(typeof(Command)) || message.IsSubclassOf(typeof(Answer)))) continue;
            Taking.MakeGenericMethod(message).Invoke(null, [endpoint, node]);
        }
    }

    private static void Take<T>(IReceiveEndpointConfigurator endpoint, AgentNode node)
        where T : class => endpoint.Handler<T>(context => node.ReceiveAsync(context.Message, context.CancellationToken));
}
