namespace PciBus.Tests.Architecture.Canaries.Workflows;

internal sealed class KnowsHttp
{
    public static string PathOf(Microsoft.AspNetCore.Http.HttpContext context) => context.Request.Path;
}
