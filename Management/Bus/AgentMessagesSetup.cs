using PciBus.Management.Persistence;

namespace PciBus.Management.Bus;

/// <summary>Registers what is done about the messages of agents, on whatever bus they come.</summary>
internal static class AgentMessagesSetup
{
    public static IServiceCollection AddAgentMessages(this IServiceCollection services) => services
        .AddSingleton<AgentMessages>().AddSingleton<HostReportQueries>().AddScoped<HostSessionManager>()
            .AddScoped<ReportComparisonManager>()
        .AddSingleton<IUndeliveredListener>(provider => provider.GetRequiredService<AgentMessages>());
}
