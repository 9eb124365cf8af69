using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using PciBus.Management.Api;
using PciBus.Management.Configuration;
using PciBus.Management.Hosts;
using PciBus.Management.Persistence;
using PciBus.Management.Setup;
using PciBus.Management.Workflows;
using Xunit;

namespace PciBus.Tests.Api;

/// <summary>Every list, with each of its filters, can be said in the SQL of every engine. No server is needed for that.</summary>
public sealed class QueryTranslationTests
{
    [Theory]
    [InlineData(nameof(DatabaseProvider.Sqlite))]
    [InlineData(nameof(DatabaseProvider.PostgreSql))]
    [InlineData(nameof(DatabaseProvider.SqlServer))]
    public async Task Every_filter_of_every_list_is_sql(string engine)
    {
        var nothing = new NoDatabase();
        var options = new DatabaseOptions(Enum.Parse<DatabaseProvider>(engine), "Host=nowhere");
        await using var services = new ServiceCollection()
            .AddDbContext<PciBusDbContext>(builder =>
            {
                if (options.Provider == DatabaseProvider.Sqlite) builder.UseSqlite("Data Source=:memory:");
                else if (options.Provider == DatabaseProvider.PostgreSql) builder.UseNpgsql("Host=nowhere");
                else builder.UseSqlServer("Server=nowhere");
                builder.AddInterceptors(nothing);
            })
            .AddSingleton<IReadOnlyList<ConfiguredSetting>>([])
            .AddCapabilities(new HostOptions(), new WorkflowOptions())
            .AddSingleton(TimeProvider.System).AddLogging()
            .AddHttpApi()
            .BuildServiceProvider();
        var lists = new ApiCatalog().Commands.Where(command => command.Type.IsSubclassOf(typeof(ApiListCommand))).ToList();
        Assert.Equal(16, lists.Count);
        foreach (var list in lists)
        {
            await ExecuteAsync(services, list, null);
            foreach (var parameter in list.Parameters.Where(parameter => parameter.Name is not ("page" or "pagesize" or "resourceid")))
            {
                foreach (var value in parameter.Name == "address" ? ["28:00.1"] : Samples(parameter.Type)) await ExecuteAsync(services, list, (parameter, value));
            }
        }

        Assert.NotEmpty(nothing.Commands);
    }

    private static async Task ExecuteAsync(
        ServiceProvider services, ApiCommandDescription description, (ApiParameterDescription Parameter, object Value)? filter)
    {
        await using var scope = services.CreateAsyncScope();
        var command = (ApiListCommand)ActivatorUtilities.CreateInstance(scope.ServiceProvider, description.Type);
        if (filter is { } given) given.Parameter.Property.SetValue(command, given.Value);
        // A page beyond the first counts as well.
        (command.Page, command.PageSize) = (2, 10);
        try
        {
            await command.ExecuteAsync(CancellationToken.None);
        }
        catch (InvalidOperationException exception) when (exception.Message == "Sequence contains no elements.")
        {
            // The count, of which there is no row either.
        }
        catch (Exception exception)
        {
            Assert.Fail($"{description.Name} {filter?.Parameter.Name}={filter?.Value}: {exception}");
        }
    }

    private static IEnumerable<object> Samples(Type type) => type switch
    {
        _ when type.IsEnum => Enum.GetValues(type).Cast<object>(),
        _ when type == typeof(string) => ["x"],
        _ when type == typeof(long) => [1L],
        _ when type == typeof(bool) => [true, false],
        _ when type == typeof(DateTimeOffset) => [DateTimeOffset.UnixEpoch],
        _ when type == typeof(IReadOnlyList<long>) => [new long[] { 1, 2 }],
        _ => throw new InvalidOperationException($"No sample of {type}"),
    };
}
