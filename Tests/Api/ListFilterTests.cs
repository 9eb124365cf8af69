using Microsoft.Extensions.DependencyInjection;
using PciBus.Management.Api;
using PciBus.Management.Api.Templates;
using PciBus.Management.Configuration;
using PciBus.Management.Events;
using PciBus.Management.Hosts;
using PciBus.Management.Hosts.Joining;
using PciBus.Management.Persistence;
using PciBus.Management.Places;
using PciBus.Management.Setup;
using PciBus.Management.Workflows;
using PciBus.Tests.Support;
using Xunit;

namespace PciBus.Tests.Api;

/// <summary>Every list finds by keyword and by name, on each engine the same: letters beyond ASCII have a case too.</summary>
public sealed class ListFilterTests
{
    private const string Text = "Östersund Σίσυφος";

    /// <summary>Columns that lists look for words in.</summary>
    private static readonly string[] Columns =
    [
        "data_center.name", "host_pod_ref.name", "cluster.name", "host.name", "op_host_pci_devices.name", "service_offering.name",
        "service_offering.display_text", "vm_template.name", "vm_template.display_text", "vm_instance.name", "vm_instance.display_name",
        "event.description", "alert.subject", "async_job.job_cmd", "pci_device_history.why", "pci_device_history.name", "host_join_token.used_by",
    ];

    [Fact]
    public Task On_sqlite() => EveryListFindsAsync(DatabaseProvider.Sqlite);

    [Fact]
    [OutOfProcess]
    public Task On_postgresql() => EveryListFindsAsync(DatabaseProvider.PostgreSql);

    [Fact]
    [OutOfProcess]
    public Task On_sqlserver() => EveryListFindsAsync(DatabaseProvider.SqlServer);

    private static async Task EveryListFindsAsync(DatabaseProvider provider)
    {
        using var rig = new ManagementRig(provider: provider);
        var vmId = await FillAsync(rig);
        await using var services = new ServiceCollection()
            .AddDatabase(rig.Database)
            .AddSingleton<IReadOnlyList<ConfiguredSetting>>([])
            .AddCapabilities(new HostOptions(), new WorkflowOptions())
            .AddSingleton<TimeProvider>(rig.Time).AddLogging()
            .AddHttpApi()
            .BuildServiceProvider();
        var wrong = new List<string>();
        foreach (var list in new ApiCatalog().Commands.Where(one => one.Type.IsSubclassOf(typeof(ApiListCommand)) && one.Name != "listConfigurations"))
        {
            string[] whole = [Text, Text.ToUpperInvariant(), Text.ToLowerInvariant()];
            foreach (var word in whole.Concat(["Östersund", "ÖSTERS", "ΣΊΣΥΦΟΣ"])) await LookAsync(list, "keyword", word, found: true);
            await LookAsync(list, "keyword", "Ostersund", found: false);
            if (list.Parameters.SingleOrDefault(one => one.Name == "name")?.Type != typeof(string)) continue;
            // The names of devices are words of the operator's: those that differ in case are different ones.
            foreach (var name in whole) await LookAsync(list, "name", name, found: name == Text || list.Name is not ("listPciDevices" or "listPciDeviceHistory"));
            await LookAsync(list, "name", "Ostersund Sisyfos", found: false);
        }

        Assert.True(wrong.Count == 0, string.Join('\n', wrong));

        async Task LookAsync(ApiCommandDescription list, string parameter, string value, bool found)
        {
            await using var scope = services.CreateAsyncScope();
            var command = (ApiListCommand)ActivatorUtilities.CreateInstance(scope.ServiceProvider, list.Type);
            foreach (var one in list.Parameters)
            {
                if (one.Name == parameter) one.Property.SetValue(command, value);
                else if (one.Name == "templatefilter") one.Property.SetValue(command, TemplateFilter.All);
                else if (one is { Name: "virtualmachineid", Declared.Required: true }) one.Property.SetValue(command, vmId);
            }

            var answer = (Dictionary<string, object>)(await command.ExecuteAsync(TestContext.Current.CancellationToken)).Body;
            if (answer.ContainsKey("count") != found) wrong.Add($"{list.Name} {parameter}={value}");
        }
    }

    private static async Task<long> FillAsync(ManagementRig rig)
    {
        await rig.ConnectAsync(Announcements.Host("kvm1", "28:00.1|10GE"));
        await rig.ConnectAsync(Announcements.Host("kvm2", "28:00.1|10GE"));
        var vm = await new Operator(rig).RunAsync();
        var alert = new Alert { Uuid = Guid.NewGuid(), Type = AlertType.PciDeviceQuarantined, Subject = "", Body = "", Created = rig.Time.GetUtcNow() };
        rig.Add(alert);
        var cluster = rig.Read(database => database.Set<Cluster>().First());
        rig.Add(new HostJoinToken { Uuid = Guid.NewGuid(), TokenHash = "", ClusterId = cluster.Id, Created = rig.Time.GetUtcNow(), Expires = rig.Time.GetUtcNow() });
        // SQL Server takes a text that does not say N for one of its collation's code page, which has no Greek letters.
        var text = rig.Database.Provider == DatabaseProvider.SqlServer ? $"N'{Text}'" : $"'{Text}'";
        foreach (var column in Columns.Select(one => one.Split('.'))) rig.Execute($"UPDATE {column[0]} SET {column[1]} = {text}");
        return vm.Id;
    }
}
