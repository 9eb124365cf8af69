using Microsoft.EntityFrameworkCore;

namespace PciBus.Tests.Architecture.Canaries.Hosts;

internal sealed class QueriesInAnAsyncMethod
{
    public static async Task<int> CountAsync(IQueryable<string> names)
    {
        await Task.Yield();
        return await names.Where(name => name.Length > 0).CountAsync();
    }
}
