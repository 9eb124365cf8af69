namespace PciBus.Management.Hosts.Joining;

/// <summary>Registers how hosts join.</summary>
internal static class JoiningSetup
{
    public static IServiceCollection AddJoining(this IServiceCollection services) => services
        .AddScoped<HostJoinManager>().AddScoped<HostJoinTokenManager>().AddSingleton<HostUserManager>();
}
