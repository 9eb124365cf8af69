using PciBus.Management.ServiceOfferings;

namespace PciBus.Management.Api.ServiceOfferings;

[ApiCommand("deleteServiceOffering", "Deletes a service offering; virtual machines made of it go on")]
internal sealed class DeleteServiceOfferingCmd(ApiTransactions transactions) : ApiCommand
{
    [ApiParameter("id", "the offering", Required = true, Entity = typeof(ServiceOffering))]
    public long Id { get; set; }

    public override async Task<ApiAnswer> ExecuteAsync(CancellationToken cancellationToken)
    {
        await transactions.RunAsync<ServiceOfferingManager>(
            offerings => offerings.DeleteAsync(Id, Caller, cancellationToken), cancellationToken);
        return ApiAnswer.Success();
    }
}
