using PciBus.Management.Persistence;

namespace PciBus.Management.Agents;

/// <summary>Registers what is done about the messages of agents, on whatever bus they come.</summary>
internal static class AgentsSetup
{
    public static IServiceCollection AddAgents(this IServiceCollection services) => services
        .AddSingleton<AgentMessages>().AddSingleton<HostReportQueries>().AddScoped<HostSessionManager>().AddScoped<HostViewManager>()
        .AddSingleton<IUndeliveredListener>(provider => provider.GetRequiredService<AgentMessages>());
}
